"""The pytest entry point of fwconformance: whether anybody asks for it, and nothing else.

PYTEST_DONT_REWRITE: there is no assertion here, and every pytest run on this machine imports this module. Each option
and each hook costs every one of those runs, so that they wait in `_pytest_options` until a command line names one.
"""


def pytest_addoption(parser, pluginmanager):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Add our options where one may be meant, or help is asked for."""
    config = pluginmanager.get_plugin("pytestconfig")
    known = getattr(config, "known_args_namespace", None)
    # Without it pytest has not read its arguments yet. An xdist worker finds its controller's options set, not spelled.
    if known is not None and not known.help and "framework" not in config.option:
        import os

        said = [*config.invocation_params.args, *config.getini("addopts"), os.environ.get("PYTEST_ADDOPTS", "")]
        # An argument @file may hold anything.
        if not any("--f" in text or "@" in text for text in map(str, said)):
            return
    from fwconformance import _pytest_options

    pluginmanager.register(_pytest_options, "fwconformance-options")
