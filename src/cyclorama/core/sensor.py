"""What a camera makes of the light that its lens lets in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sensor:
    """What happens between the light and the file; by default no more than automatic exposure.

    In this order:

    1. the light's level: exposure, white balance, infrared;
    2. the lens: motion during the exposure, vignetting, chromatic aberration, blur;
    3. the chip, in linear light: flicker by rows, shot and read noise, Bayer pattern;
    4. the processor, in sRGB: tone curve, noise, sharpening, resolution;
    5. the file: JPEG, then WebP.

    Attributes:
        exposure_ev: Stops, on top of the engine's automatic exposure if ``auto_exposure``.
        white_balance: RGB factors in linear light.
        blur_sigma_px: Gaussian.
        noise_sigma: Standard deviation of Gaussian noise, of a full scale of 1 in sRGB.
        jpeg_quality: 1..100, or None for no compression artefacts.
        noise_seed: Makes the noise a fact of the scene.
        infrared: Grey, of red light alone, the colour next to infrared. The spot of a camera's own infrared lamp is
            ``vignetting``.
        vignetting: Share of the light that the picture's corners lose, 0 <= . < 1.
        chromatic_aberration_px: How far red is shown outside of green at the picture's corners, and blue inside.
        exposure_s: How long each row gathers light. What moves smears and what flickers evens out; ``exposure_ev``
            says how bright it is.
        readout_s: From the first row's exposure to the last's. It makes bands of flicker; what turning bends is
            the camera's.
        flicker: How far the light swings to both sides of its mean, as a share of that, 0..1.
        flicker_hz: Swings a second; lamps have twice the mains' frequency.
        flicker_phase_rad: Of the cosine in the middle of the exposure of the picture's upper edge.
        white_e: Electrons that light 1 sets free in a pixel, the full well over the gain; None leaves out shot and
            read noise. Fewer are noisier.
        read_noise_e: Standard deviation of what reading adds, electrons.
        bayer: Each pixel sees one colour (red green, green blue), and the others are interpolated.
        sharpening: Share of the difference from a Gaussian blur of 1 px that is added.
        resolution: Share of its width and height that the picture is shrunk to and enlarged from, 0 < . <= 1.
        webp_quality: 1..100, or None.
    """

    exposure_ev: float = 0.0
    auto_exposure: bool = True
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur_sigma_px: float = 0.0
    noise_sigma: float = 0.0
    jpeg_quality: int | None = None
    noise_seed: int = 0
    infrared: bool = False
    vignetting: float = 0.0
    chromatic_aberration_px: float = 0.0
    exposure_s: float = 0.01
    readout_s: float = 0.0
    flicker: float = 0.0
    flicker_hz: float = 100.0
    flicker_phase_rad: float = 0.0
    white_e: float | None = None
    read_noise_e: float = 0.0
    bayer: bool = False
    sharpening: float = 0.0
    resolution: float = 1.0
    webp_quality: int | None = None
