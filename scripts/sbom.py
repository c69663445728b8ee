# SPDX-License-Identifier: Apache-2.0
"""sbom.py DESCRIPTION OUT: writes the SPDX 2.3 document of the Debian packages of a build.

cmake/Sbom.cmake writes DESCRIPTION: our packages, their binaries, and the headers of whatever is compiled into
them. The libraries that the binaries are linked with, and the packages that hold them and the headers, are those
of this machine; what the browser's pages hold is what their bundler says it took. The same build on the same
machine gives the same bytes, with the date of SOURCE_DATE_EPOCH or else of the last commit.
"""
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

NONE = "NOASSERTION"

# Short names of Debian's copyright files (DEP 5) that SPDX writes differently, in lower case.
SPDX_LICENCES = {
    "apache-2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "boost-1": "BSL-1.0",
    "boost-1.0": "BSL-1.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsl-1.0": "BSL-1.0",
    "expat": "MIT",
    "gpl-2": "GPL-2.0-only",
    "gpl-2+": "GPL-2.0-or-later",
    "gpl-3": "GPL-3.0-only",
    "gpl-3+": "GPL-3.0-or-later",
    "isc": "ISC",
    "lgpl-2+": "LGPL-2.0-or-later",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-2.1+": "LGPL-2.1-or-later",
    "lgpl-3+": "LGPL-3.0-or-later",
    "libpng": "libpng-2.0",
    "mit": "MIT",
    "ncsa": "NCSA",
    "zlib": "Zlib",
}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def spdx_id(*parts):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", "-".join(parts)).replace("--", "-")


# ---- Debian packages ------------------------------------------------------------------------------


def owners(paths):
    """The installed package that each file belongs to, as dpkg-query takes it; None for a file of no package."""
    # A merged /usr: packages may know a file by either path.
    names = {}
    for path in paths:
        real = os.path.realpath(path)
        names[path] = [path, real, real.removeprefix("/usr"), "/usr" + real]
    every = sorted({name for some in names.values() for name in some})
    # It says what it found, whatever it did not find.
    found = subprocess.run(["dpkg-query", "-S", *every], capture_output=True, text=True).stdout
    owner = {}
    for line in found.splitlines():
        packages, _, path = line.rpartition(": ")
        owner[path] = packages.split(", ")[0]
    return {path: next((owner[name] for name in names[path] if name in owner), None) for path in paths}


def installed(packages):
    """name, version, architecture, source, homepage of each package that is installed."""
    native = output_of("dpkg", "--print-architecture").strip()
    form = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n"
    rows = {}
    # It says what it found, whatever it did not find.
    found = subprocess.run(["dpkg-query", "-W", "-f", form, *packages], capture_output=True, text=True).stdout
    for line in found.splitlines():
        row = line.split("\t")
        if row[2] in (native, "all") or row[0] not in rows:
            rows[row[0]] = row
    names = {package: package.partition(":")[0] for package in packages}
    return {package: rows[name] for package, name in names.items() if name in rows}


def needed_by(binary):
    """The names of the shared libraries that a binary is linked with."""
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-d", binary))


def library_path(compiler, name):
    """Where the compiler's linker finds a library; its name alone where it does not."""
    return os.path.normpath(output_of(compiler, f"-print-file-name={name}").strip())


def licences_of(text):
    """What a copyright file calls the licence of the whole and those of all parts, sorted; None and [] where
    it is not machine-readable."""
    if not text.startswith("Format:"):
        return None, []
    whole, parts = None, set()
    for paragraph in re.split(r"\n\s*\n", text):
        files = re.search(r"^Files:(.*(?:\n[ \t].*)*)", paragraph, re.M)
        licence = re.search(r"^License:[ \t]*(\S.*)$", paragraph, re.M)
        if not files or not licence:
            continue
        parts.add(licence.group(1).strip())
        if "*" in files.group(1).split():
            whole = licence.group(1).strip()
    return whole, sorted(parts)


def spdx_expression(name):
    """A licence of Debian's in SPDX's words; NOASSERTION where it has none."""
    words = re.split(r",?\s+(and|or)\s+", name or "", flags=re.I)
    words[::2] = [SPDX_LICENCES.get(word.lower(), NONE) for word in words[::2]]
    words[1::2] = [word.upper() for word in words[1::2]]
    return NONE if NONE in words else " ".join(words)


def debian_package(vendor, name, version, architecture, source, homepage):
    file = Path("/usr/share/doc", name, "copyright")
    whole, parts = licences_of(file.read_text(errors="replace") if file.exists() else "")
    entry = {
        "name": name,
        "SPDXID": spdx_id("deb", name),
        "versionInfo": version,
        "supplier": f"Organization: {vendor}",
        "downloadLocation": NONE,
        "filesAnalyzed": False,
        "licenseConcluded": NONE,
        "licenseDeclared": spdx_expression(whole),
        "copyrightText": NONE,
        "sourceInfo": f"built from the {vendor} source package {source}",
        "externalRefs": [purl(f"pkg:deb/{vendor.lower()}/{name}@{quote(version)}?arch={architecture}")],
    }
    if parts:
        entry["licenseComments"] = f"{vendor}'s copyright file names, of all parts: {'; '.join(parts)}"
    if homepage:
        entry["homepage"] = homepage
    return entry


def unpackaged(path):
    """A library, header or package that is none of Debian's: what is known is its name."""
    return {
        "name": os.path.basename(path),
        "SPDXID": spdx_id("file", os.path.basename(path)),
        "supplier": NONE,
        "downloadLocation": NONE,
        "filesAnalyzed": False,
        "licenseConcluded": NONE,
        "licenseDeclared": NONE,
        "copyrightText": NONE,
    }


def purl(locator):
    return {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": locator.replace("+", "%2B"),
    }


# ---- npm packages ---------------------------------------------------------------------------------


def npm_folders(inputs, lock):
    """The folders, as package-lock.json names them, of the packages of others that a bundler's inputs lie in."""
    found = (re.match(r"(?:.*/)?(node_modules/(?:@[^/]+/)?[^/]+)/", path) for path in inputs)
    folders = {match.group(0)[match.group(0).index("node_modules/") : -1] for match in found if match}
    return sorted(folder for folder in folders if not lock["packages"].get(folder, {}).get("link"))


def npm_package(folder, lock):
    locked = lock["packages"][folder]
    name = folder.rpartition("node_modules/")[2]
    algorithm, digest = locked["integrity"].split("-", 1)
    return {
        "name": name,
        "SPDXID": spdx_id("npm", name, locked["version"]),
        "versionInfo": locked["version"],
        "supplier": NONE,
        "downloadLocation": NONE,
        "filesAnalyzed": False,
        "checksums": [
            {"algorithm": algorithm.upper(), "checksumValue": base64.b64decode(digest).hex()},
        ],
        "licenseConcluded": NONE,
        "licenseDeclared": locked.get("license", NONE),
        "copyrightText": NONE,
        "externalRefs": [purl(f"pkg:npm/{quote(name)}@{locked['version']}")],
    }


# ---- the document ---------------------------------------------------------------------------------


def epoch(source):
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    commit = subprocess.run(["git", "-C", source, "log", "-1", "--format=%ct"], capture_output=True, text=True)
    return int(commit.stdout) if commit.returncode == 0 else int(time.time())


class Document:
    def __init__(self):
        self.packages = {}
        self.relationships = set()

    def add(self, package):
        return self.packages.setdefault(package["SPDXID"], package)["SPDXID"]

    def relate(self, one, kind, other):
        self.relationships.add((one, kind, other))

    def finish(self, name, version, created):
        body = {
            "packages": [self.packages[key] for key in sorted(self.packages)],
            "relationships": [
                {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                for one, kind, other in sorted(self.relationships)
            ],
        }
        digest = hashlib.sha256(json.dumps([body, created]).encode()).hexdigest()
        stamp = datetime.datetime.fromtimestamp(created, datetime.timezone.utc)
        return {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"{name}-{version}",
            "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{version}-{digest[:32]}",
            "creationInfo": {
                "created": stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "creators": [f"Organization: {name}", f"Tool: {name}-sbom.py-{version}"],
            },
            **body,
        }


def own_package(name, description):
    return {
        "name": name,
        "SPDXID": spdx_id(name),
        "versionInfo": description["version"],
        "supplier": f"Organization: {description['name']}",
        "downloadLocation": NONE,
        "filesAnalyzed": False,
        "licenseConcluded": NONE,
        "licenseDeclared": "Apache-2.0",
        "copyrightText": NONE,
    }


def write(description):
    document = Document()
    vendor = output_of("dpkg-vendor", "--query", "Vendor").strip()
    own_names = {ours["name"] for ours in description["packages"]}
    links = {}  # (one of ours, kind of link): files or names of packages
    for ours in description["packages"]:
        owner = document.add(own_package(ours["name"], description))
        document.relate("SPDXRef-DOCUMENT", "DESCRIBES", owner)
        libraries = sorted({library for binary in ours["binaries"] for library in needed_by(binary)})
        links[owner, "DYNAMIC_LINK"] = [library_path(description["compiler"], name) for name in libraries]
        links[owner, "STATIC_LINK"] = [f"/usr/include/{header}" for header in ours["headers"]]
        links[owner, "DEPENDS_ON"] = [name for name in ours["depends"] if name not in own_names]
        for name in own_names.intersection(ours["depends"]):
            document.relate(owner, "DEPENDS_ON", spdx_id(name))
        if ours["pages"]:
            lock = json.loads(Path(description["lock"]).read_text())
            for folder in npm_folders(json.loads(Path(ours["pages"]).read_text()), lock):
                document.relate(owner, "CONTAINS", document.add(npm_package(folder, lock)))

    names = {name for some in links.values() for name in some}
    files = sorted({name for (_, kind), some in links.items() if kind != "DEPENDS_ON" for name in some})
    owner_of = owners(files)
    rows = installed(sorted({owner_of.get(name, name) for name in names} - {None}))
    for (owner, kind), some in links.items():
        for name in some:
            row = rows.get(owner_of.get(name, name))
            entry = debian_package(vendor, *row) if row else unpackaged(name)
            document.relate(owner, kind, document.add(entry))
    return document.finish(description["name"], description["version"], epoch(description["source"]))


if __name__ == "__main__":
    text = json.dumps(write(json.loads(Path(sys.argv[1]).read_text())), indent=1, ensure_ascii=False)
    Path(sys.argv[2]).write_text(text + "\n", encoding="utf-8")
