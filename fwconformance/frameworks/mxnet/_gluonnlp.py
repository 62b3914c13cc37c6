# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "gluonnlp": vocabularies, a recurrent language model and BERT, as GluonNLP's tutorials use them."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._protocol import OnHost
from fwconformance.frameworks.mxnet._arrays import to_array

gluonnlp = imported("gluonnlp", "gluonnlp", "mxnet-cpu")

_SEED = 20200101


class GluonNLP:
    """The piece."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def vocabulary(self, tokens: Sequence[str], asked: Sequence[str]) -> Mapping[str, Any]:
        found = gluonnlp.Vocab(gluonnlp.data.count_tokens(list(tokens)), min_freq=2)
        return {
            "tokens": list(found.idx_to_token),
            "indices": OnHost(values=found.to_indices(list(asked)), by="Vocab.to_indices"),
        }

    def language_model(
        self, inputs: Any, targets: Any, unseen: Any, *, vocabulary: int, units: int, steps: int
    ) -> Mapping[str, Any]:
        mxnet.random.seed(_SEED)
        net = gluonnlp.model.StandardRNN("lstm", vocabulary, units, units, 1, 0.0, False)
        net.initialize(mxnet.init.Xavier(), ctx=self._context)
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
        measure, kept = gluon.loss.SoftmaxCrossEntropyLoss(), []
        # Time comes first in its layout.
        ids, sought = self._take(inputs.T), self._take(targets.T)
        for _ in range(steps):
            with autograd.record():
                loss = measure(net(ids)[0], sought)
            loss.backward()
            trainer.step(ids.shape[1])
            kept.append(loss.mean())
        outputs = nd.swapaxes(net(self._take(unseen.T))[0], 0, 1)
        return {"losses": kept, "outputs": outputs, "weights": _lstm_weights(net)}

    def bert(
        self, ids: Any, lengths: Any, masked: Any, sought: Any, *, vocabulary: int, steps: int
    ) -> Mapping[str, Any]:
        mxnet.random.seed(_SEED)
        net = self._small_bert(vocabulary)
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.003})
        measure, kept = gluon.loss.SoftmaxCrossEntropyLoss(), []
        tokens, valid, places, targets = (self._take(each) for each in (ids, lengths, masked, sought))
        for _ in range(steps):
            with autograd.record():
                decoded = net(tokens, nd.zeros_like(tokens), valid, places)[-1]
                loss = measure(decoded, targets)
            loss.backward()
            trainer.step(len(ids))
            kept.append(loss.mean())
        return {"losses": kept, "decoded": net(tokens, nd.zeros_like(tokens), valid, places)[-1]}

    def bert_encoded(self, batches: Sequence[Any], lengths: Any, *, vocabulary: int) -> Sequence[Any]:
        mxnet.random.seed(_SEED)
        net = self._small_bert(vocabulary)
        found = []
        for ids in batches:
            tokens = self._take(ids)
            outputs = net(tokens, nd.zeros_like(tokens), self._take(lengths), nd.zeros((len(ids), 1)))
            found.append(outputs[0])
        return found

    def bert_base(self) -> Mapping[str, Any]:
        vocabulary = gluonnlp.vocab.BERTVocab({f"token {number}": 1 for number in range(30522 - 5)})
        net, _ = gluonnlp.model.get_model(
            "bert_12_768_12",
            vocab=vocabulary,
            pretrained=False,
            use_decoder=False,
            use_classifier=False,
        )
        net.initialize(mxnet.init.Normal(0.02), ctx=self._context)
        ids = nd.zeros((1, 4), ctx=self._context)
        net(ids, ids, nd.array([4], ctx=self._context))
        return {name: each.data() for name, each in net.collect_params().items() if each.grad_req != "null"}

    def _small_bert(self, vocabulary: int) -> Any:
        encoder = gluonnlp.model.BERTEncoder(num_layers=2, units=32, hidden_size=64, num_heads=4, max_length=32)
        net = gluonnlp.model.BERTModel(
            encoder,
            vocab_size=vocabulary,
            token_type_vocab_size=2,
            units=32,
            embed_size=32,
            use_classifier=False,
            use_pooler=False,
        )
        net.initialize(mxnet.init.Normal(0.1), ctx=self._context)
        return net

    def _take(self, values: Any) -> Any:
        return to_array(values, self._context, "float32")


def _lstm_weights(net: Any) -> dict[str, Any]:
    """By neutral name: embedding, LSTM, output layer; MXNet's gates stand in the neutral order."""
    named = {name.rpartition("_l0_")[2] or name: each.data() for name, each in net.encoder.collect_params().items()}
    embedding = next(iter(net.embedding.collect_params().values())).data()
    kernel, bias = (each.data() for each in net.decoder.collect_params().values())
    return {
        "0.table": embedding.copy(),
        "1.kernel": named["i2h_weight"].T.copy(),
        "1.recurrent": named["h2h_weight"].T.copy(),
        "1.bias": named["i2h_bias"] + named["h2h_bias"],
        "2.kernel": kernel.T.copy(),
        "2.bias": bias.copy(),
    }


def piece(name: str, context: Any) -> GluonNLP:
    """The piece."""
    return GluonNLP(context)
