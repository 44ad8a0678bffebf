"""Makes the installed torch importable without CUDA's libraries, which are gigabytes that the tests do not need: beside its
own libraries it puts small ones of the same names, in which every function fails as on a machine without a GPU.

For the tests only. Needs gcc and readelf."""
import importlib.util
import re
import subprocess
import tempfile
from pathlib import Path

LIBRARIES = Path(importlib.util.find_spec("torch").submodule_search_locations[0]) / "lib"
NO_DEVICE = 100  # cudaErrorNoDevice; no library of CUDA takes it for success


def read(option, file):
    return subprocess.run(["readelf", option, "-W", file], capture_output=True, text=True, check=True).stdout


def main():
    present = {path.name for path in LIBRARIES.glob("*.so*")}
    needed, wanted = set(), set()
    for file in LIBRARIES.glob("*.so*"):
        needed |= set(re.findall(r"NEEDED.*\[(.*?)\]", read("-d", file)))
        # Name, and the library's version of it where it has one.
        wanted |= set(re.findall(r" UND\s+(\w+)(?:@([\w.]+))?(?: \(\d+\))?$", read("--dyn-syms", file), re.MULTILINE))
    for name in sorted(library for library in needed - present if re.match(r"lib(cu|nv|nccl)", library)):
        tag = "NVSHMEM" if "nvshmem" in name else name
        own = sorted(symbol for symbol, version in wanted if version == tag)
        # Any of them will do for those without a version.
        free = sorted(s for s, v in wanted if not v and re.match(r"(?:cu[A-Z]|cu(?:dnn|fft|file|sparse|blas|solver|pti|da)|nccl|nvrtc|nvshmem)", s))
        make(name, tag, own, free if "nccl" in name else [])


def make(name, tag, own, free):
    text = lambda symbol: re.search(r"Get(?:Error(?:String|Name)|LastErrorString)$", symbol)
    lines = [
        f'const char *{symbol}(void) {{ return "no CUDA"; }}' if text(symbol) else f"int {symbol}(void) {{ return {NO_DEVICE}; }}"
        for symbol in own + free
    ]
    with tempfile.TemporaryDirectory() as folder:
        source, versions = Path(folder) / "stub.c", Path(folder) / "versions"
        source.write_text("\n".join(lines))
        versions.write_text(f"{tag} {{ global: {''.join(f'{symbol}; ' for symbol in own)} }};\n")
        script = [f"-Wl,--version-script={versions}"] if own else []
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-w", f"-Wl,-soname,{name}", *script, "-o", LIBRARIES / name, source], check=True
        )


main()
