"""What is read from the output of build tools."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fwconformance.bindings import TOOLS
from fwconformance.frameworks import Unavailable
from fwconformance.registry import fixtures_dir


@pytest.mark.parametrize(
    ("tool", "printed", "first"),
    [
        (
            "cmake",
            "-- Detecting\nmain.cpp:3:5: error: 'x' was not declared\n    3 | x\nmain.cpp:9:1: error: later",
            "main.cpp:3:5: error: 'x' was not declared",
        ),
        (
            "cmake",
            "CMake Error at CMakeLists.txt:4 (find_package):\n  Could not find Torch\n",
            "CMake Error at CMakeLists.txt:4 (find_package): Could not find Torch",
        ),
        ("cmake", "main.o: undefined reference to `f'\nmake: *** [all] Error 2", "main.o: undefined reference to `f'"),
        ("npm", "added 3\nnpm error code EINTEGRITY\nnpm error more", "npm error code EINTEGRITY"),
        ("npm-script", "../binding/x.cc:3:5: error: no x\nnpm error code 1", "../binding/x.cc:3:5: error: no x"),
        (
            "go",
            "# example/program\nlib.go:20:11: fatal error: tensorflow/c/c_api.h: No such file",
            "lib.go:20:11: fatal",
        ),
        ("go", "# runtime/cgo\n/usr/bin/ld: cannot find -ltensorflow: No such file", "/usr/bin/ld: cannot find -l"),
        (
            "cargo",
            "   Compiling x\nerror[E0425]: cannot find value `y`\n --> src/main.rs:1",
            "error[E0425]: cannot find",
        ),
        ("maven", "[INFO] building\n[ERROR] no artifact\n[ERROR] help", "[ERROR] no artifact"),
        (
            "maven",
            "[ERROR] COMPILATION ERROR : \n[ERROR] /p/Main.java:[7,3] cannot find symbol\n",
            "[ERROR] /p/Main.java:[7,3] cannot find symbol",
        ),
        ("cmake-npm", "npm error code EINTEGRITY\nnpm error more", "npm error code EINTEGRITY"),
        ("cmake-npm", "added 1 package\nmain.cpp:3:5: error: no x", "main.cpp:3:5: error: no x"),
        (
            "dotnet",
            "  Determining projects to restore...\n/p/Program.cs(7,3): error CS0103: no such name [/p/p.csproj]",
            "/p/Program.cs(7,3): error CS0103",
        ),
    ],
)
def test_the_first_error_is_the_tools_own(tool, printed, first):
    assert TOOLS[tool].first_error(printed).startswith(first)


def test_without_a_line_that_looks_like_an_error_the_last_ones_are_told():
    assert TOOLS["cmake"].first_error("one\n\ntwo\n") == "one | two"
    assert TOOLS["cmake"].first_error("") == "nothing was printed"


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_each_tool_is_told_the_settings(name, project):
    """As an option or, where the tool takes none, as a variable; npm's packages and Python are told nothing."""
    given = (project(settings={"WHERE": "/opt/x", "script": "addon"}), Path("source"), Path("target"))
    told = [word for step in TOOLS[name].steps(*given) for word in step]
    told += [f"-D{key}={value}" for key, value in TOOLS[name].variables(*given).items()]
    told = [word.replace("-p:", "-D", 1) for word in told]  # as MSBuild has it
    assert ("-DWHERE=/opt/x" in told) == (name not in ("npm", "python"))


def test_npm_takes_another_release_from_a_folder_of_its_name(project):
    """Its lock file is put in the place of the program's own before anything is installed."""
    source, target = Path("source"), Path("target")
    own = TOOLS["npm"].steps(project(), source, target)
    first, *rest = TOOLS["npm"].steps(project(settings={"release": "4.0.0"}), source, target)
    assert first == ("cp", "source/4.0.0/package.json", "source/4.0.0/package-lock.json", "source")
    assert tuple(rest) == tuple(own)


def test_a_program_in_python_runs_in_the_interpreter_that_is_running_and_sees_nothing_beside_it():
    """What lies in its folder, or is named by PYTHONPATH, is not imported unless it says so."""
    assert TOOLS["python"].command(Path("target")) == (sys.executable, "-I", str(Path("target/program/main.py")))
    assert TOOLS["python"].versions() == {}


@pytest.mark.parametrize("framework", ["caffe", "mxnet", "pytorch", "tensorflow"])
def test_a_program_in_python_knows_nothing_of_what_tests_it(framework):
    """It imports its framework and what the programs share."""
    root = fixtures_dir() / "bindings" / "python"
    text = (root / framework / "main.py").read_text(encoding="utf-8")
    text += (root / "shared" / "exchange.py").read_text(encoding="utf-8")
    assert "import fwconformance" not in text
    assert "from fwconformance" not in text


@pytest.mark.parametrize(
    ("tool", "printed"),
    [
        ("npm", "npm error code EAI_AGAIN"),
        ("npm-script", "Error: getaddrinfo ENOTFOUND where.the.library.lies"),
        ("go", 'go: example.org/x@v1.0.0: Get "https://proxy": dial tcp: lookup proxy: no such host'),
        ("go", "go: reading https://proxy/x/@v/list: 403 Forbidden"),
        (
            "maven",
            "[ERROR] Could not transfer artifact org.x:y:pom:1 from central (https://registry): Unknown host registry",
        ),
        ("maven", "[ERROR] Cannot access central (https://registry) in offline mode and org.x:y:jar:1 is missing"),
        ("cargo", "  [6] Could not resolve hostname (Could not resolve host: index.crates.io)"),
        ("cmake-npm", "npm error code ENOTFOUND"),
        ("dotnet", "/p/p.csproj : error NU1301: Unable to load the service index for source https://registry."),
        ("dotnet", "/s/NuGet.targets(123,5): error : Unable to load the service index for source https://registry."),
        ("dotnet", "/p/p.csproj : error NU1101: Unable to find package X. No packages exist with this id."),
        ("dotnet", "/p/p.csproj : error NU1102: Unable to find package X with version (= 1.31.1)"),
    ],
)
def test_a_registry_that_is_not_reached_is_told_from_a_program_that_does_not_build(tool, printed):
    """In the tool's words, without the registry's address, which may be this machine's own."""
    said = TOOLS[tool].unreached(f"fetching\n{printed}\nmore")
    assert said == re.sub(r"https://[a-z/@]+", "(address left out)", printed.strip())
    assert "https" not in said
    assert TOOLS[tool].unreached("error: 'x' was not declared") == ""


def test_maven_tells_an_artifact_that_the_registry_has_not_from_a_registry_that_is_not_reached():
    """The one says something of the binding, the other of this machine."""
    assert TOOLS["maven"].unreached("[ERROR] Could not find artifact org.x:y:jar:1 in central") == ""


@pytest.mark.parametrize(
    ("printed", "said"), [("javac 1.8.0_402", "javac 1.8.0_402"), ("javac: invalid flag: --version", "invalid flag")]
)
def test_a_tool_that_is_too_old_is_unavailable_and_names_what_to_install(tmp_path, monkeypatch, printed, said):
    for name in ("mvn", "javac", "java"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{printed}'\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(Unavailable, match=f"javac on the path is too old.*{said}.*install a Java development kit, 11"):
        TOOLS["maven"].require()


def test_a_runtime_without_its_sdk_is_not_called_old(tmp_path, monkeypatch):
    """It has no version to tell, and says what an SDK would be."""
    program = tmp_path / "dotnet"
    said = "The command could not be loaded, possibly because:"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit 145\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(Unavailable, match=rf"too old or not whole \(it says '{said}'\): install the .NET SDK, 8"):
        TOOLS["dotnet"].require()


def test_a_tool_that_is_new_enough_will_do(tmp_path, monkeypatch):
    for name in ("mvn", "javac", "java"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho Picked up -Xmx9m\necho '{name} 11.0.2'\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    TOOLS["maven"].require()


def test_a_machine_without_a_compiler_for_cpp_does_not_lose_c(tmp_path, monkeypatch):
    for name in ("cmake", "cc", "make"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    TOOLS["cmake-c"].require()
    with pytest.raises(Unavailable, match=r"install a C\+\+17 compiler"):
        TOOLS["cmake"].require()


@pytest.mark.parametrize("name", ["go", "cargo"])
def test_a_variable_may_name_the_copied_folder(name, project):
    given = (project(settings={"LIBRARIES": "-L{source}/lib"}), Path("source"), Path("target"))
    assert TOOLS[name].variables(*given) == {"LIBRARIES": "-Lsource/lib"}


def test_mavens_error_is_found_behind_its_colours():
    printed = "\x1b[0m\x1b[0m[ERROR] Failed to execute goal: no native library\n[ERROR] \n[ERROR] Re-run Maven\n"
    assert TOOLS["maven"].first_error(printed).startswith("[ERROR] Failed to execute goal: no native library")


def test_a_script_of_the_programs_own_runs_once_its_packages_are_there(project):
    """Whose scripts are not run."""
    settings = {"script": "addon", "WHERE": "/opt/x"}
    install, script, link = TOOLS["npm-script"].steps(project(settings=settings), Path("source"), Path("target"))
    assert (install, link) == tuple(TOOLS["npm"].steps(project(), Path("source"), Path("target")))
    assert "--ignore-scripts" in install
    assert script == ("npm", "run", "--prefix", "source", "addon")


def test_headers_are_fetched_before_cmake_looks_for_them(project):
    first, *rest = TOOLS["cmake-npm"].steps(project(), Path("source"), Path("target"))
    assert first[:2] == ("npm", "ci")
    assert tuple(rest) == tuple(TOOLS["cmake"].steps(project(), Path("source"), Path("target")))


def test_dotnet_leaves_no_server_behind(project):
    (publish,) = TOOLS["dotnet"].steps(project(), Path("source"), Path("target"))
    assert {"-nodeReuse:false", "-p:UseSharedCompilation=false"} <= set(publish)


def test_dotnet_leaves_no_certificate_in_the_users_home(project):
    """Which the SDK's first command would make there for web servers."""
    variables = TOOLS["dotnet"].variables(project(), Path("source"), Path("target"))
    assert variables["DOTNET_GENERATE_ASPNET_CERTIFICATE"] == "false"
