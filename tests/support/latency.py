"""How long others wait meanwhile."""
import statistics

BUSY = 10  # so much longer some wait where something else has the processors


def assert_quick(durations, seconds):
    """Half of them within `seconds`, and all but one in a hundred within ten times that: a loop that
    is held up makes all wait, a busy machine some of them."""
    median, p99 = statistics.median(durations), sorted(durations)[len(durations) * 99 // 100]
    figures = f"median {median * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms of {len(durations)}"
    print(figures)
    assert median <= seconds and p99 <= BUSY * seconds, figures
