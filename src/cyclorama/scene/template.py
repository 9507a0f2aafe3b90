"""The recipe that ``cyclorama init`` writes."""

import numpy as np
import yaml

from cyclorama.core.model import Model

# Share of the image's width that the object covers, far and near.
FAR_SHARE, NEAR_SHARE = 0.12, 0.55
# Field of view of the default lens, as width over distance.
VIEW = 1.0


def recipe_template(name: str, model_path: str, model: Model, unit: str) -> str:
    """A commented recipe for one model, with the camera as far as fits its size."""
    near, far = (2 * model.radius_m / (share * VIEW) for share in (NEAR_SHARE, FAR_SHARE))
    x, y, z = np.ptp(model.bounds_m, axis=0) * 100
    name, model_path, unit = (_quoted(text) for text in (name, model_path, unit))
    return f"""\
# Recipe of the dataset {name}. Any number may be drawn:
# {{uniform: [0.4, 1.2]}}, {{loguniform: [0.1, 10]}}, {{normal: [0, 1]}}, {{choice: [1, 2]}} or {{randint: [1, 4]}}
# All fields, for your editor: cyclorama schema > recipe.schema.json
name: {name}
extends: tabletop

targets:                     # what is to be found; add more models, also several of one category
  - model: {model_path}      # {x:.3g} x {y:.3g} x {z:.3g} cm
    category: {name}
    unit: {unit}                  # of the file's numbers: m, cm, mm, in, ft

image: {{width: 640, height: 480, format: jpg}}
empty_share: 0.05            # images without any target, against false alarms

layout:
  kind: tabletop             # resting on a plane; floating: anywhere in the view, best with orientation: any
  count: {{randint: [1, 3]}}   # targets in an image
  max_crop: 0.4              # share of a target that the border may cut off
  spread_m: {{uniform: [{0.5 * near:.3g}, {0.35 * far:.3g}]}}

objects:
  orientation: {{upright: 0.6, stable: 0.4}}   # upright: turned about the vertical only; stable: as it would come to
                             # rest when thrown; any: any rotation; or one of them alone
  scale: 1.0                 # {{uniform: [0.9, 1.1]}} where sizes differ

camera:                      # looks at the middle of the scene
  distance_m: {{loguniform: [{near:.3g}, {far:.3g}]}}
  elevation_deg: {{uniform: [10, 80]}}
  roll_deg: {{uniform: [-20, 20]}}
  focal_length_mm: {{uniform: [26, 50]}}   # of a full-frame camera; phones have 24-28

material:                    # how targets differ from the model
  hue_shift_deg: 0           # {{uniform: [-180, 180]}} if colour says nothing
  roughness: {{uniform: [0.1, 0.8]}}
  probability: 0.5

{_geometry(model)}environment:                 # light from all around: .hdr/.exr files, folders of them, or builtin
  maps: [builtin]
  strength: {{uniform: [0.5, 1.5]}}

lamps: {{count: {{randint: [0, 2]}}, power_w: {{uniform: [5, 60]}}}}

distractors:                 # things that are not to be found: files, folders, or builtin shapes
  count: {{randint: [0, 8]}}
  models: [builtin]

ground: {{textures: [builtin]}}           # add folders of textures and photographs of your floors and tables
backdrop: {{photos: [builtin]}}           # add a folder of photographs without the target

sensor: {{blur_sigma_px: {{uniform: [0, 1]}}, noise_sigma: {{uniform: [0, 0.03]}}, jpeg_quality: {{randint: [50, 98]}}}}

views_per_scene: 1           # images in a row that show one scene, each from a camera of its own

# Engines: raster (fast), cycles (path-traced), mixed (cycles_share: 0.2 of them path-traced), or auto, which is cycles
# if you add photorealistic: true and raster if not. Qualities: draft, fair, good, best.
render: {{engine: auto, quality: good}}
"""


def _geometry(model: Model) -> str:
    """What opens; nothing for a model without joints."""
    if not model.joints:
        return ""
    return """\
geometry:                    # how shapes differ from the model
  joints: {uniform: [0, 1]}  # how far each is open, as a share of its way: doors and drawers, one by one

"""


def _quoted(text: str) -> str:
    """As YAML reads it back: with quotes where it would mean something else without."""
    return yaml.safe_dump(text, allow_unicode=True, width=float("inf")).removesuffix("\n").removesuffix("\n...")
