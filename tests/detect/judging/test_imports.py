"""What is measured can be read, compared and shown without a network."""

import subprocess
import sys


def test_judging_and_its_pages_need_no_torch():
    modules = (
        "cyclorama.cli.tables",
        "cyclorama.detect.judging.comparison",
        "cyclorama.detect.judging.folder",
        "cyclorama.detect.judging.gap.report",
        "cyclorama.view.comparison_page",
        "cyclorama.view.gap_page",
    )
    program = f"import sys, {', '.join(modules)}; print([m for m in ('torch', 'faster_coco_eval') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
