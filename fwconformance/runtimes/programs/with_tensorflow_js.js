// TensorFlow.js under Node, on its CPU backend in plain JavaScript. The same protocol as `_serve.py`.
"use strict";

const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const folder = process.argv[2];
const packages = createRequire(path.join(process.env.FWCONFORMANCE_NODE_MODULES, "of-a-program.js"));
const KINDS = { float32: Float32Array, int32: Int32Array };

function words(error) {
  return `${error.name}: ${String(error.message).split(/\s+/).join(" ")}`.slice(0, 1500);
}

function typed(buffer, kind) {
  // A slice starts at an offset of its own, which need not be a multiple of the item's size.
  return new kind(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
}

function take(tf, batch) {
  const buffer = fs.readFileSync(path.join(folder, batch.file));
  if (batch.dtype === "int64") {
    // TensorFlow.js has no 64-bit integers; ids are small.
    return tf.tensor(Int32Array.from(typed(buffer, BigInt64Array), Number), batch.shape, "int32");
  }
  return tf.tensor(typed(buffer, KINDS[batch.dtype]), batch.shape, batch.dtype);
}

function handler(file) {
  const model = JSON.parse(fs.readFileSync(file, "utf-8"));
  const groups = model.weightsManifest;
  const shards = groups.flatMap((group) => group.paths.map((name) => fs.readFileSync(path.join(path.dirname(file), name))));
  const bytes = Buffer.concat(shards);
  return {
    model,
    load: async () => ({
      modelTopology: model.modelTopology,
      format: model.format,
      generatedBy: model.generatedBy,
      convertedBy: model.convertedBy,
      signature: model.signature,
      userDefinedMetadata: model.userDefinedMetadata,
      weightSpecs: groups.flatMap((group) => group.weights),
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    }),
  };
}

async function answer() {
  const request = JSON.parse(fs.readFileSync(path.join(folder, "request.json"), "utf-8"));
  let tf;
  try {
    tf = packages("@tensorflow/tfjs");
  } catch (error) {
    return { missing: "@tensorflow/tfjs", message: words(error) };
  }
  const runtime = `@tensorflow/tfjs ${tf.version.tfjs} on node ${process.versions.node}`;
  let model;
  try {
    await tf.setBackend("cpu");
    const file = fs.statSync(request.file).isDirectory() ? path.join(request.file, "model.json") : request.file;
    const source = handler(file);
    model =
      source.model.format === "layers-model" ? await tf.loadLayersModel(source) : await tf.loadGraphModel(source);
  } catch (error) {
    return { refused: "file", message: words(error) };
  }
  const outputs = [];
  for (const [number, batch] of request.batches.entries()) {
    let result;
    try {
      // `executeAsync` is for graphs with control flow (a recurrent layer's loop), which `predict` refuses.
      const inputs = take(tf, batch);
      result = model.executeAsync ? await model.executeAsync(inputs) : model.predict(inputs);
      result = Array.isArray(result) ? result[0] : result;
    } catch (error) {
      return { refused: "batch", batch: number, message: words(error), runtime };
    }
    const values = await result.data();
    const file = `output-${number}.bin`;
    fs.writeFileSync(path.join(folder, file), Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    outputs.push({ file, dtype: result.dtype, shape: result.shape });
  }
  return { runtime, outputs };
}

answer().then((given) => {
  const part = path.join(folder, "answer.part");
  fs.writeFileSync(part, JSON.stringify(given));
  fs.renameSync(part, path.join(folder, "answer.json"));
});
