"""What to do about the kind of error that costs most, and which detections to look at."""

import math

from cyclorama.detect.results import Errors, Scores

# Less AP50 than this is not worth a change.
LITTLE = 0.01
# A detector with less AP50 is wrong in all ways at once, and its errors say nothing of the recipe.
LEARNED = 0.05
MENDS = {
    "classification": (
        "Right place, wrong category: show the categories that are mixed up nearer and sharper (`camera.distance_m`, "
        "`sensor.blur_sigma_px`), with materials as they are (`material.probability`), or train longer."
    ),
    "localisation": (
        "Right category, box off by too much: train at a larger --image-size, show objects cut off and "
        "covered as they are on photographs (`layout.max_crop`, `layout.max_overlap`), and check how tightly the "
        "photographs were labelled."
    ),
    "both": (
        "Wrong category and a box that is off: mostly parts of objects; show more of them cut off and covered "
        "(`layout.max_crop`, `layout.max_overlap`) and train longer."
    ),
    "duplicate": "Several boxes on one object: merge boxes that overlap at a lower IoU, or train longer.",
    "background": (
        "Things taken for objects: more clutter and look-alikes (`distractors.count`, `distractors.hard_negatives`, "
        "`distractors.of_targets`), backdrops from your own place (`backdrop.photos`), a higher `empty_share`."
    ),
    "missed": (
        "Objects nothing was found on: the recipe doesn't show them so. Compare with 'cyclorama gap'; mostly sizes "
        "(`camera.distance_m`), light (`lamps`, `environment.strength`) or hidden parts (`layout.max_overlap`)."
    ),
}


def advice(errors: Errors) -> str:
    """A few sentences on the dearest kind of error; none where no kind costs much, or little has been learned yet."""
    if errors.ap50 < LEARNED:
        return (
            f"With an AP50 of {errors.ap50:.3f} the detector has hardly learned: more training, or pretrained weights "
            "(--weights), come before any other change, unless it finds unseen renders, which 'cyclorama gap' tells."
        )
    dearest = max(errors.lost, key=lambda kind: errors.lost[kind])
    if errors.lost[dearest] < LITTLE:
        return "No kind of error costs more than .01 of AP50."
    lost, count = errors.lost[dearest], errors.counts[dearest]
    won = f"Most is lost by errors of kind '{dearest}': mending all {count} would win {lost:.3f} of AP50."
    return f"{won} {MENDS[dearest]}"


def confidence_advice(scores: Scores) -> str:
    """From which score on detections are best looked at; empty where nothing is right."""
    if scores.ap50 == 0:
        return ""
    # Rounded up, it would leave out the detection that it is the score of.
    return f"best --conf for predict: {math.floor(scores.confidence * 1000) / 1000:g}"
