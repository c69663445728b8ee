# SPDX-License-Identifier: Apache-2.0
"""abi_promises.py OLD NEW: holds two descriptions of check-abi.sh against what docs/abi.md promises.

abidiff reports every change. Three kinds are allowed: new functions, new enumerators, and structs that grow at
their end, where `struct_size` says how much of them a program knows. So that nothing else hides behind a struct
that grew, the new structs are cut to what the old library knew, and must then be as they were.
"""
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

CHANGED, FAILED = 4 | 8, 1 | 2  # bits of abidiff's exit code


def abidiff(*arguments, **options):
    done = subprocess.run(["abidiff", *map(str, arguments)], **options)
    if done.returncode & FAILED:
        sys.exit(f"abidiff {' '.join(map(str, arguments))} does not work: exit code {done.returncode}")
    return bool(done.returncode & CHANGED)


def structs(root):
    return {struct.get("name"): struct for struct in root.iter("class-decl") if struct.get("size-in-bits")}


def may_grow(struct):
    first = struct.find("data-member/var-decl")
    return first is not None and first.get("name") == "struct_size"


def cut(old, new):
    """Takes from the structs of `new` what lies behind their end in `old`."""
    known = structs(old)
    for name, struct in structs(new).items():
        if name not in known or not may_grow(struct):
            continue
        size = known[name].get("size-in-bits")
        for member in struct.findall("data-member"):
            if int(member.get("layout-offset-in-bits")) >= int(size):
                struct.remove(member)
        if int(struct.get("size-in-bits")) > int(size):
            struct.set("size-in-bits", size)


def enumerators(root):
    return {one.get("name"): one.get("value") for one in root.iter("enumerator")}


def main(old_folder, new_folder):
    old_file, new_file = old_folder / "library.abi", new_folder / "library.abi"
    changed = abidiff(old_file, new_file)

    old, new = xml.parse(old_file), xml.parse(new_file)
    cut(old.getroot(), new.getroot())
    with tempfile.NamedTemporaryFile(suffix=".abi") as file:
        new.write(file.name)
        broken = abidiff("--no-added-syms", old_file, file.name, stdout=subprocess.DEVNULL)

    old_numbers = enumerators(xml.parse(old_folder / "headers.abi"))
    new_numbers = enumerators(xml.parse(new_folder / "headers.abi"))
    for name in sorted(old_numbers.keys() | new_numbers.keys()):
        before, after = old_numbers.get(name), new_numbers.get(name)
        if before != after:
            print(f"{name}: {before or 'new'} -> {after or 'removed'}")
            changed = True
            broken |= before is not None

    if broken:
        sys.exit("These changes break programs that were built before: see docs/abi.md.")
    print("Additions alone: programs that were built before still run." if changed else "The ABI is the same.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
