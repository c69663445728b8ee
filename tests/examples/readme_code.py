# SPDX-License-Identifier: Apache-2.0
"""Fails unless every C++ block of README and docs is, line for line, a program of examples/cpp, and every
relative link of README and docs points at a file. readme_code.py PROJECT"""

import pathlib
import re
import sys

project = pathlib.Path(sys.argv[1])
failures = []

programs = {path.read_text().split("\n", 1)[1].strip(): path.name
            for path in (project / "examples/cpp").glob("*.cpp")}
pages = [project / "README.md", *sorted(project.glob("docs/*.md"))]
blocks = [block for page in pages for block in re.findall(r"```cpp\n(.*?)```", page.read_text(), re.S)]
for block in blocks:
    if block.strip() not in programs:
        failures.append("not a program of examples/cpp:\n" + block)
if not blocks:
    failures.append("README shows no C++ at all")

for page in [*project.glob("*.md"), *project.glob("docs/*.md"), *project.glob("*/README.md"),
             *project.glob("examples/*/README.md"), *project.glob("apps/*/README.md")]:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        if not (page.parent / link).exists():
            failures.append(f"{page.relative_to(project)}: no such file: {link}")

print("\n".join(failures) or f"{len(blocks)} programs, all links good")
sys.exit(bool(failures))
