# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The README shows what the program prints."""
import re
import unittest

import systole

WALL_SECONDS = re.compile(r" in [0-9.]+ s\.$")


class Readme(unittest.TestCase):
    def test_the_first_command_prints_what_the_readme_shows(self):
        readme = (systole.ROOT / "README.md").read_text()
        shown = re.search(r"\n```\n(digits .*?)\n```\n", readme, re.DOTALL).group(1)
        printed = systole.run("run", systole.DIGITS).stdout.rstrip("\n")
        self.assertEqual([WALL_SECONDS.sub("", line) for line in shown.split("\n")],
                         [WALL_SECONDS.sub("", line) for line in printed.split("\n")])

    def test_links_lead_somewhere(self):
        pages = [p for p in systole.ROOT.rglob("*.md") if "build" not in p.parts]
        self.assertGreater(len(pages), 30)
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
                if not target.startswith("http"):
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")


if __name__ == "__main__":
    unittest.main()
