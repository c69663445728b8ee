# SPDX-License-Identifier: Apache-2.0
"""sbom_test.py BUILD GENERATOR: scripts/sbom.py and the document that it made of a build."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "scripts"))
import sbom

BUILD = Path(sys.argv[1])
GENERATOR = sys.argv[2]
DESCRIPTION = json.loads((BUILD / "sbom.json").read_text())
DOCUMENT = json.loads((BUILD / "depthcloud.spdx.json").read_text())
PACKAGES = {package["SPDXID"]: package for package in DOCUMENT["packages"]}
# A licence, or several in one expression, of SPDX's short names.
EXPRESSION = re.compile(r"\(?[A-Za-z0-9.+-]+\)?( (AND|OR|WITH) \(?[A-Za-z0-9.+-]+\)?)*")


def related(owner, *kinds):
    """The packages that one of ours is related to in one of these ways."""
    return [
        PACKAGES[link["relatedSpdxElement"]]
        for link in DOCUMENT["relationships"]
        if link["spdxElementId"] == f"SPDXRef-{owner}" and link["relationshipType"] in kinds
    ]


class Writer(unittest.TestCase):
    COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: somebody
License: Expat or GPL-2+
 The text.

Files: lib/a.c
 lib/b.c
License: BSD-3-clause

License: BSD-3-clause
 Another text.
"""

    def test_licences_of_a_copyright_file(self):
        self.assertEqual(sbom.licences_of(self.COPYRIGHT), ("Expat or GPL-2+", ["BSD-3-clause", "Expat or GPL-2+"]))
        self.assertEqual(sbom.licences_of("This package was made by\nLicense: MIT"), (None, []))

    def test_licences_in_the_words_of_spdx(self):
        self.assertEqual(sbom.spdx_expression("Expat"), "MIT")
        self.assertEqual(sbom.spdx_expression("BSD-3-clause or GPL-2+"), "BSD-3-Clause OR GPL-2.0-or-later")
        for unknown in ("Expat and of-our-own", "of-our-own", "", None):
            self.assertEqual(sbom.spdx_expression(unknown), "NOASSERTION")

    def test_what_is_not_debian_s_is_named_alone(self):
        self.assertEqual(sbom.owners(["/opt/none/libnone.so.1"]), {"/opt/none/libnone.so.1": None})
        ours = {"name": "p", "binaries": [], "headers": ["none/none.h"], "depends": ["none-dev"], "pages": ""}
        common = {"name": "n", "version": "1", "source": str(SOURCE), "compiler": "c++", "lock": ""}
        document = sbom.write({**common, "packages": [ours]})
        self.assertEqual([package["name"] for package in document["packages"]], ["none-dev", "none.h", "p"])

    def test_npm_packages_of_a_bundle(self):
        lock = {"packages": {"node_modules/@c/d": {"version": "1.0.0", "license": "ISC", "integrity": "sha512-AQID"},
                             "node_modules/ours": {"resolved": "ours", "link": True}}}
        inputs = ["src/a.js", "node_modules/b/x/y.js", "node_modules/@c/d/e.js", "/n/node_modules/b/z.js"]
        self.assertEqual(sbom.npm_folders(inputs, lock), ["node_modules/@c/d", "node_modules/b"])
        nested = ["node_modules/a/node_modules/b/c.js", "node_modules/ours/src/f.js"]
        self.assertEqual(sbom.npm_folders(nested, lock), ["node_modules/a/node_modules/b"])
        package = sbom.npm_package("node_modules/@c/d", lock)
        self.assertEqual(package["checksums"], [{"algorithm": "SHA512", "checksumValue": "010203"}])
        self.assertEqual(package["externalRefs"][0]["referenceLocator"], "pkg:npm/%40c/d@1.0.0")
        self.assertEqual(package["licenseDeclared"], "ISC")

    def test_the_same_bytes_each_time_and_the_date_that_it_is_told(self):
        made = []
        for epoch, zone in (("1000000000", "UTC"), ("1000000000", "Asia/Tokyo"), ("1000000001", "UTC")):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder, "out.json")
                environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch, "TZ": zone}
                command = [sys.executable, SOURCE / "scripts/sbom.py", BUILD / "sbom.json", out]
                subprocess.run(command, check=True, env=environment)
                made.append(out.read_text())
        self.assertEqual(made[0], made[1])
        self.assertNotEqual(made[0], made[2])
        self.assertEqual(json.loads(made[0])["creationInfo"]["created"], "2001-09-09T01:46:40Z")
        namespaces = {json.loads(text)["documentNamespace"] for text in made}
        self.assertEqual(len(namespaces), 2)


class WellFormed(unittest.TestCase):
    """The rules of SPDX 2.3 for what the document has."""

    def test_document(self):
        self.assertEqual(DOCUMENT["spdxVersion"], "SPDX-2.3")
        self.assertEqual(DOCUMENT["dataLicense"], "CC0-1.0")
        self.assertEqual(DOCUMENT["SPDXID"], "SPDXRef-DOCUMENT")
        self.assertTrue(DOCUMENT["name"])
        self.assertRegex(DOCUMENT["documentNamespace"], r"^https://[^#\s]+$")
        self.assertRegex(DOCUMENT["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        for creator in DOCUMENT["creationInfo"]["creators"]:
            self.assertRegex(creator, r"^(Person|Organization|Tool): \S")

    def test_packages(self):
        self.assertEqual(len(PACKAGES), len(DOCUMENT["packages"]), "an SPDXID stands twice")
        for package in DOCUMENT["packages"]:
            with self.subTest(package["name"]):
                self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
                self.assertTrue(package.get("versionInfo") or package["SPDXID"].startswith("SPDXRef-file-"))
                self.assertEqual(package["downloadLocation"], "NOASSERTION")
                self.assertIs(package["filesAnalyzed"], False)
                self.assertRegex(package["supplier"], r"^(NOASSERTION|Organization: \S.*)$")
                for key in ("licenseConcluded", "licenseDeclared"):
                    self.assertIsNotNone(EXPRESSION.fullmatch(package[key]), package[key])
                for checksum in package.get("checksums", []):
                    self.assertEqual(checksum["algorithm"], "SHA512")
                    self.assertRegex(checksum["checksumValue"], r"^[0-9a-f]{128}$")
                for reference in package.get("externalRefs", []):
                    self.assertEqual(reference["referenceCategory"], "PACKAGE-MANAGER")
                    self.assertEqual(reference["referenceType"], "purl")
                    self.assertRegex(reference["referenceLocator"], r"^pkg:(deb/\w+|npm)/[^\s+]+@[^\s+]+$")

    def test_relationships(self):
        known = {*PACKAGES, "SPDXRef-DOCUMENT"}
        kinds = {"DESCRIBES", "DYNAMIC_LINK", "STATIC_LINK", "DEPENDS_ON", "CONTAINS"}
        for link in DOCUMENT["relationships"]:
            self.assertIn(link["spdxElementId"], known)
            self.assertIn(link["relatedSpdxElement"], known)
            self.assertIn(link["relationshipType"], kinds)
        related_to = {link["relatedSpdxElement"] for link in DOCUMENT["relationships"]}
        self.assertEqual(set(PACKAGES) - related_to, set(), "nothing leads to these packages")
        described = {
            link["relatedSpdxElement"]
            for link in DOCUMENT["relationships"]
            if link["relationshipType"] == "DESCRIBES"
        }
        self.assertEqual(described, {f"SPDXRef-{ours['name']}" for ours in DESCRIPTION["packages"]})


class Complete(unittest.TestCase):
    def test_libraries_that_binaries_are_linked_with(self):
        for ours in DESCRIPTION["packages"]:
            linked = {package["name"] for package in related(ours["name"], "DYNAMIC_LINK")}
            for binary in ours["binaries"]:
                # What the loader takes, by its own word.
                listed = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
                taken = dict(re.findall(r"(\S+) => (\S+)", listed))
                dump = subprocess.run(["objdump", "-p", binary], check=True, capture_output=True, text=True).stdout
                needed = re.findall(r"NEEDED +(\S+)", dump)
                self.assertTrue(needed)
                owners = sbom.owners([taken[name] for name in needed if name in taken])
                for path, package in owners.items():
                    name = package.partition(":")[0] if package else Path(path).name
                    self.assertIn(name, linked, binary)

    def test_npm_packages_in_the_pages(self):
        for ours in DESCRIPTION["packages"]:
            contained = {package["name"] for package in related(ours["name"], "CONTAINS")}
            if not ours["pages"]:
                self.assertEqual(contained, set())
                continue
            inputs = json.loads(Path(ours["pages"]).read_text())
            bundled = {path.split("node_modules/")[-1] for path in inputs if "node_modules/" in path}
            bundled = {path for path in bundled if not path.startswith("depthcloud/")}  # our own
            for path in bundled:
                self.assertTrue(any(path.startswith(f"{name}/") for name in contained), path)
            self.assertIn("three", contained)
            self.assertNotIn("esbuild", contained)

    @unittest.skipUnless(GENERATOR == "Ninja", "only Ninja tells afterwards what was included")
    def test_headers_that_are_compiled_in(self):
        """Each comes with a library that is linked, or with a package whose code is listed as inside."""
        deps = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], check=True, capture_output=True, text=True).stdout
        shipped = ("src/", "capi/", "apps/cli/", "apps/server/")
        headers = set()
        for block in deps.split("\n\n"):
            lines = block.strip().splitlines()
            if lines and lines[0].startswith(shipped):
                headers.update(line.strip() for line in lines[1:] if line.strip().startswith("/usr/include/"))
        self.assertGreater(len(headers), 100)
        packages = {name.partition(":")[0] for name in sbom.owners(sorted(headers)).values() if name}
        # The kernel's numbers and structs; they hold no code.
        packages.discard("linux-libc-dev")
        listed = {package["name"] for package in DOCUMENT["packages"]}
        sources = {row[3] for row in sbom.installed(sorted(listed & set(self.debian_packages()))).values()}
        for name, row in sbom.installed(sorted(packages)).items():
            self.assertTrue(name in listed or row[3] in sources, f"code of {name} is in ours, and not in the SBOM")

    @staticmethod
    def debian_packages():
        return [package["name"] for package in DOCUMENT["packages"] if package["SPDXID"].startswith("SPDXRef-deb-")]


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
