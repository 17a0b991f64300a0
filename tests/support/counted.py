"""The API under callgrind: what a request costs in instructions of its processor, a number that is
the same on a busy machine."""
import re

from support.program import CHECKOUT, Api, release_binary
from support.waiting import eventually

PROGRAM = release_binary() or CHECKOUT / "build/personaworlds"
WARM_UP, ROUNDS, REQUESTS = 10, 5, 10
# Variants of glibc's functions that every x86-64 has, whatever this one has beside.
PLAIN = "glibc.cpu.hwcaps=-AVX2,-BMI2,-ERMS,-FSRM"


class CountedApi(Api):
    """Begins a new count, `out.1` and so on, at each GET /metrics."""

    def __init__(self, folder, database_url):
        self.folder = folder
        self.under = ["valgrind", "-q", "--tool=callgrind", "--dump-before=metrics_write",
                      f"--callgrind-out-file={folder}/out"]
        super().__init__(database_url, program=PROGRAM, API_THREADS=1, GLIBC_TUNABLES=PLAIN)

    def counted(self):
        """The instructions since the last call."""
        before = set(self.folder.glob("out.*"))
        self.metrics()
        (dump,) = eventually(lambda: set(self.folder.glob("out.*")) - before)
        return int(eventually(lambda: re.search(r"^totals: (\d+)$", dump.read_text(), re.MULTILINE))[1])

    def cost(self, request):
        """Instructions per request, without those of the count itself. What the program does at
        certain times falls into some rounds only, however slow the machine makes them."""
        for _ in range(WARM_UP):
            request()
        self.counted()
        nothing = min(self.counted() for _ in range(ROUNDS))
        return min(self._counted_with(request) - nothing for _ in range(ROUNDS)) // REQUESTS

    def _counted_with(self, request):
        for _ in range(REQUESTS):
            request()
        return self.counted()
