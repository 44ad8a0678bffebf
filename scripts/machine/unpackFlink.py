"""Puts a FLINK_HOME together from two packages of the Python registry, which between them hold a whole Flink.

python unpackFlink.py FOLDER_OF_THE_DOWNLOADS TARGET
"""
import pathlib
import sys
import tarfile
import zipfile


def put(target, data):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def main():
    downloads, home = (pathlib.Path(argument) for argument in sys.argv[1:])
    # The wheel has the scripts and the configuration …
    with zipfile.ZipFile(next(downloads.glob("apache_flink-*.whl"))) as wheel:
        for name in wheel.namelist():
            room, _, rest = name.removeprefix("pyflink/").partition("/")
            if name.startswith("pyflink/") and room in ("bin", "conf") and rest:
                put(home / room / rest, wheel.read(name))
    # … and the source archive the libraries.
    with tarfile.open(next(downloads.glob("apache*flink*libraries-*.tar.gz"))) as archive:
        for member in archive:
            _, _, name = member.name.partition("/deps/")
            if member.isfile() and name.partition("/")[0] in ("bin", "lib", "opt", "plugins"):
                put(home / name, archive.extractfile(member).read())
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    (home / "log").mkdir(exist_ok=True)


main()
