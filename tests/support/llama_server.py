"""A server that people run: llama-cpp-python's, from the environment that script/bootstrap --real
makes, with models that tests/real/tiny_model.py writes."""
import json
import subprocess

import httpx

from support.ports import free_port
from support.program import CHECKOUT, environment
from support.waiting import eventually

PYTHON, WRITER = CHECKOUT / ".venv-real/bin/python", CHECKOUT / "tests/real/tiny_model.py"


class LlamaServer:
    """Each model under its own name. One text is written at a time; with `interrupts`, as by
    default, a stream is cut off as soon as another text is asked for."""

    def __init__(self, folder, models, interrupts=False):
        self.folder, self.url = folder, f"http://127.0.0.1:{free_port()}"
        for name, model in models.items():
            subprocess.run([PYTHON, WRITER, folder / f"{name}.gguf"], input=json.dumps(model.said),
                           text=True, check=True)
        settings = {"host": "127.0.0.1", "port": int(self.url.rpartition(":")[2]), "interrupt_requests": interrupts,
                    "models": [
            {"model": str(folder / f"{name}.gguf"), "model_alias": name, "n_ctx": model.context, "logits_all": False,
             "n_threads": 1, "n_threads_batch": 1, "seed": 7, "verbose": False}
            for name, model in models.items()]}
        (folder / "settings.json").write_text(json.dumps(settings))

    def __enter__(self):
        self.log = (self.folder / "server.log").open("w+")
        self.process = subprocess.Popen([PYTHON, "-m", "llama_cpp.server", "--config_file",
                                         self.folder / "settings.json"],
                                        env=environment(), stdout=self.log, stderr=subprocess.STDOUT)
        try:
            eventually(self.is_ready, within=60)
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def said(self):
        return (self.folder / "server.log").read_text()

    def is_ready(self):
        assert self.process.poll() is None, self.said()
        try:
            return httpx.get(f"{self.url}/v1/models", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False
