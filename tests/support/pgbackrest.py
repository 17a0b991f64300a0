"""A Postgres whose log goes to pgBackRest, set up by the files of deploy/backup/, and the commands of
docs/BACKUP.md on it as an operator would paste them."""
import os
import re
import subprocess

from support.postgres import Cluster, _binaries
from support.program import CHECKOUT, environment
from support.waiting import eventually

FILES = CHECKOUT / "deploy/backup"
AS_POSTGRES = 'exec setpriv --reuid postgres --regid postgres --clear-groups "$@"' if os.geteuid() == 0 else 'exec "$@"'
SHIMS = {
    "apt-get": "exit 0",
    "install": 'for file in "$@"; do [[ $file != deploy/* ]] || [ -f "{checkout}/$file" ] || exit 1; done',
    "runuser": f'[ "$1 $2 $3" = "-u postgres --" ] || exit 3\nshift 3\n{AS_POSTGRES}',
    "pg_ctlcluster": '[ "$1 $2" = "15 main" ] || exit 3\n'
                     "{postgres} {pg_ctl} -D {data} -l {folder}/log -w -t 120 -m fast -o '{options}' $3",
}


class Archived(Cluster):
    """`with Archived() as cluster:`; `repository` outlives its data."""

    def __init__(self, **settings):
        super().__init__()
        self.repository = self.folder / "repository"
        self.config = self.folder / "pgbackrest.conf"
        shipped = dict(re.findall(r"^(\w+) = '?(.*?)'?$", (FILES / "archive.conf").read_text(), re.MULTILINE))
        self.settings |= shipped | settings
        self.settings["archive_command"] = f"PGBACKREST_CONFIG={self.config} {self.settings['archive_command']}"
        self._configure()

    def _configure(self):
        text = (FILES / "pgbackrest.conf").read_text()
        for shipped, here in (("/var/lib/pgbackrest", self.repository), ("/var/log/pgbackrest", self.folder / "logs"),
                              ("/var/lib/postgresql/15/main", self.data), ("pg1-port=5432", f"pg1-port={self.port}")):
            assert shipped in text, shipped
            text = text.replace(shipped, str(here))
        text = text.replace("[global]\n", f"[global]\nlock-path={self.folder}/locks\n")
        self.config.write_text(f"{text}pg1-socket-path={self.folder}\n")
        for folder in (self.repository, self.folder / "logs", self.folder / "bin"):
            folder.mkdir()
        for path in (self.config, self.repository, self.folder / "logs"):
            os.chown(path, self._owner.get("user", -1), self._owner.get("group", -1))

    def _write_shims(self):
        options = " ".join(f'-c {name}="{value}"' for name, value in self.settings.items())
        words = {"checkout": CHECKOUT, "postgres": f"{self.folder}/bin/runuser -u postgres --",
                 "pg_ctl": _binaries() / "pg_ctl", "data": self.data, "folder": self.folder,
                 "options": f"-k {self.folder} -p {self.port} {options}"}
        for name, text in SHIMS.items():
            path = self.folder / "bin" / name
            path.write_text("#!/bin/bash\n" + re.sub(r"\{(\w+)\}", lambda found: str(words[found[1]]), text) + "\n")
            path.chmod(0o755)

    def run(self, commands, within=300, **variables):
        """Each must work."""
        self._write_shims()
        shell = environment(PGBACKREST_CONFIG=self.config, PGHOST=self.folder, PGPORT=self.port, PGUSER="postgres",
                            **variables)
        shell["PATH"] = f"{self.folder}/bin:{shell['PATH']}"
        with open(self.folder / "said", "w+") as said:  # not a pipe, which a server that it starts would keep open
            code = subprocess.run(["bash", "-euc", commands], env=shell, stdout=said, stderr=said, timeout=within,
                                  cwd=self.folder).returncode
            said.seek(0)
            text = said.read()
        assert code == 0, f"{commands}\n{text}\n{(self.folder / 'log').read_text()[-3000:]}"
        return text

    def start(self):
        self.run("pg_ctlcluster 15 main start")
        eventually(self.accepts, within=60)
        self._make_roles()

    def stop(self, mode="fast"):
        self.run(f"[ ! -e {self.data}/postmaster.pid ] || "
                 f"runuser -u postgres -- {_binaries()}/pg_ctl -D {self.data} -m {mode} -w stop")

    def lose_disk(self):
        """An empty machine with the same file, and the repository."""
        self.stop("immediate")
        subprocess.run(["rm", "-rf", self.data], check=True)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.run("pg_ctlcluster 15 main start")
