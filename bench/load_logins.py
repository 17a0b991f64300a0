"""A flood of sign-ups, and the people who log in meanwhile. The API believes X-Forwarded-For."""
import httpx

from open_loop import paced, request_of

NETWORKS = 500
SIGN_UPS, LOGINS, READS = 1000, 5, 50  # a second
PEOPLE = 20
PASSWORD = "a long enough password"
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1"}


def from_network(n, request):
    """The request as a proxy hands it on from the n-th network."""
    return request.replace(b"Host: bench", f"Host: bench\r\nX-Forwarded-For: 10.{n // 250}.{n % 250}.1".encode())


def body_of(email):
    return f'{{"email":"{email}","password":"{PASSWORD}"}}'


def flood(seconds, rate=SIGN_UPS):
    """Sign-ups of different accounts, each from the next network."""
    return paced("sign-up", [from_network(n % NETWORKS, request_of("POST", "/auth/signup", "", body_of(f"{n}@flood")))
                             for n in range(rate * seconds)], rate, seconds)


def others(port, seconds, rate=LOGINS):
    """Logins, each second one from a network that its account doesn't know, and reads; of people
    who sign up for it now."""
    homes = range(NETWORKS, NETWORKS + PEOPLE)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for home in homes:
            answer = client.post("/auth/signup", content=body_of(f"{home}@home"),
                                 headers={"X-Forwarded-For": f"10.{home // 250}.{home % 250}.1"})
            answer.raise_for_status()
    logins = [from_network(network, request_of("POST", "/auth/login", "", body_of(f"{home}@home")))
              for home in homes for network in (home, home + PEOPLE)]
    return paced("login", logins, rate, seconds) + paced(
        "rooms", [request_of("GET", "/rooms", answer.json()["token"])], READS, seconds)
