"""Draws what an exported detector finds, without Cyclorama and torch: pip install numpy onnxruntime pillow.

python examples/run_onnx.py model.onnx photo.jpg found.png
"""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageOps

LEAST_SCORE = 0.5
if len(sys.argv) != 4:
    sys.exit("usage: python run_onnx.py model.onnx photo.jpg found.png")
model, photo, out = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
about = session.get_modelmeta().custom_metadata_map
classes, width, height = json.loads(about["classes"]), int(about["width"]), int(about["height"])

# Into the size that the model takes: in the upper left corner on grey, or stretched.
try:
    picture = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
except (OSError, SyntaxError, ValueError) as error:
    sys.exit(f"{photo}: can't be read as a picture ({error})")
scale = min(width / picture.width, height / picture.height)
letterbox = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
size = letterbox if about["resize"] == "letterbox" else (width, height)
canvas = Image.new("RGB", (width, height), (int(about["fill"]),) * 3)
canvas.paste(picture.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
pixels = np.asarray(canvas, np.float32).transpose(2, 0, 1)[None] / 255

boxes, scores, labels = session.run(["boxes", "scores", "labels"], {"image": pixels})
boxes *= np.array([picture.width / size[0], picture.height / size[1]] * 2, np.float32)
pen = ImageDraw.Draw(picture)
for box, score, label in zip(boxes, scores, labels, strict=True):
    if score >= LEAST_SCORE:
        corners = np.clip(box, 0, [picture.width, picture.height] * 2).tolist()
        pen.rectangle(corners, outline="red", width=3)
        pen.text(corners[:2], f"{classes[label]} {score:.2f}", fill="red")
        print(classes[label], f"{score:.3f}", *(f"{v:.1f}" for v in corners))
picture.save(out)
