"""Everything that a user can point at, addresses that don't answer and videos included."""

import http.server
import json
import threading
from functools import partial

import cv2
import numpy as np
import pytest
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.detect import fetching
from cyclorama.detect.predict import predict
from cyclorama.detect.sources import Source, sources
from cyclorama.detect.videos import VideoFile, open_video

pytestmark = pytest.mark.train

FPS, FRAMES = 8.0, 5


@pytest.fixture
def photos(tmp_path):
    """Two pictures and a film in a folder."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("b.png", "a.jpg"):
        Image.effect_noise((64, 48), 60).convert("RGB").save(folder / name)
    film(folder / "c.mp4")
    return folder


def film(path, level=lambda n: 40 * n):
    made = VideoFile(path, FPS)
    for n in range(FRAMES):
        made.add(np.full((48, 64, 3), (level(n), 0, 0), np.uint8), n / FPS)
    made.close()
    return path


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(photos, monkeypatch):
    """The folder at an address on this machine, whatever proxy the network has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=photos))
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def names(*places):
    return [(source.name, source.kind) for source in sources([str(place) for place in places])]


def test_folders_patterns_and_lists_give_their_pictures_and_videos(photos):
    everything = [("a.jpg", "picture"), ("b.png", "picture"), ("c.mp4", "video")]
    assert names(photos) == everything
    assert names(photos / "*") == everything
    assert names(photos / "*.png", photos / "c.mp4") == everything[1:]
    (photos / "list.txt").write_text("# mine\n\nb.png\nhttp://example.org/d/e%20f.jpg?size=2\nwebcam:1\n")
    expected = [("b.png", "picture"), ("e f.jpg", "picture"), ("webcam:1", "camera")]
    assert names(photos / "list.txt") == expected


def test_a_mistake_in_a_list_is_told_with_its_line(photos):
    for line, said in {"gone.png": "no image '", "other.txt": "lists can't hold lists"}.items():
        (photos / "list.txt").write_text(f"a.jpg\n{line}\n")
        with pytest.raises(InputError, match=rf"list\.txt:2: {said}"):
            sources([str(photos / "list.txt")])


def test_a_picture_from_an_address_is_the_picture(server, photos):
    np.testing.assert_array_equal(Source(f"{server}/b.png").load(), np.asarray(Image.open(photos / "b.png")))


def test_an_address_that_gives_no_picture_says_why(server, photos, monkeypatch):
    (photos / "page.html").write_text("<html>")
    with pytest.raises(InputError, match=r"/gone\.png: the server answers 404 \(File not found\); is the address"):
        Source(f"{server}/gone.png").load()
    with pytest.raises(InputError, match=r"/page\.html: is no image that can be decoded"):
        Source(f"{server}/page.html").load()
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:9/a\.png: can't be reached \(.*refused\)"):
        Source("http://127.0.0.1:9/a.png").load()
    with pytest.raises(InputError, match=r"^http://: can't be reached"):
        Source("http://").load()
    monkeypatch.setattr(fetching, "LARGEST_MB", 0)
    with pytest.raises(InputError, match=r"/b\.png: is larger than 0 MB; fetch it yourself"):
        Source(f"{server}/b.png").load()


def test_a_server_that_never_ends_is_left(server, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE_S", 0.0)
    with pytest.raises(InputError, match=r"was not here after 0 seconds"):
        Source(f"{server}/b.png").load()


def test_a_video_comes_back_with_its_frames_in_order_and_its_rate(photos):
    video = open_video(Source(str(photos / "c.mp4"), "video"))
    frames = list(video.frames())
    video.close()
    assert (video.fps, video.count, len(frames)) == (FPS, FRAMES, FRAMES)
    np.testing.assert_allclose([f.time_s for f in frames], np.arange(FRAMES) / FPS)
    # Red first.
    np.testing.assert_allclose([f.image[..., 0].mean() for f in frames], 40 * np.arange(FRAMES), atol=8)
    assert max(f.image[..., 2].mean() for f in frames) < 12


def test_a_slow_cameras_video_shows_each_frame_until_the_next(tmp_path):
    made = VideoFile(tmp_path / "slow.mp4", FPS)
    for time_s in (0.0, 0.01, 1.0):
        made.add(np.full((48, 64, 3), round(200 * time_s), np.uint8), time_s)
    made.close()
    video = open_video(Source(str(tmp_path / "slow.mp4"), "video"))
    frames = [round(frame.image.mean()) for frame in video.frames()]
    video.close()
    assert len(frames) == FPS + 1


def test_a_film_is_drawn_and_its_detections_told_by_frame(trained, photos, tmp_path):
    told = []
    prediction = predict(
        trained[0],
        [photos],
        tmp_path / "out",
        confidence=0.0,
        draw=lambda image, found, categories, skeletons: 255 - image,
        device="cpu",
        progress=lambda *now: told.append(now),
    )
    (video,) = prediction.videos
    assert (video.frames, told[-1]) == (FRAMES, (FRAMES + 2, FRAMES + 2))
    plain = json.loads((tmp_path / "out" / "videos" / "c.json").read_text())
    assert (plain["fps"], plain["width"], plain["height"]) == (FPS, 64, 48)
    assert [frame["time_s"] for frame in plain["frames"]] == [n / FPS for n in range(FRAMES)]
    assert sum(len(frame["objects"]) for frame in plain["frames"]) == video.objects
    capture = cv2.VideoCapture(str(tmp_path / "out" / "videos" / "c.mp4"))
    assert (capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)) == (FPS, FRAMES)
    assert capture.read()[1][..., 0].mean() > 240
    capture.release()


def test_a_damaged_video_is_left_out(trained, balls, tmp_path):
    (tmp_path / "cut.mp4").write_bytes(film(tmp_path / "whole.mp4").read_bytes()[:300])
    image = read_dataset(balls).samples[0].image
    prediction = predict(trained[0], [tmp_path / "cut.mp4", image], tmp_path / "out", device="cpu")
    assert prediction.damaged == (f"{tmp_path / 'cut.mp4'}: can't be read as a video; is the file damaged?",)
    with pytest.raises(InputError, match=r"^webcam:97: can't be opened; is it connected"):
        predict(trained[0], ["webcam:97"], tmp_path / "none", device="cpu")


def test_a_camera_is_looked_at_for_some_seconds_or_until_ctrl_c(trained, tmp_path, monkeypatch):
    film(tmp_path / "film.mp4")
    opened = cv2.VideoCapture
    # No camera is at hand: its frames come from a film.
    monkeypatch.setattr(cv2, "VideoCapture", lambda index: opened(str(tmp_path / "film.mp4")))
    prediction = predict(trained[0], ["webcam:0"], tmp_path / "none", seconds=0.0, confidence=0.0, device="cpu")
    assert prediction.videos[0].frames == 1

    def interrupted(done, total):
        if done == 2:
            raise KeyboardInterrupt

    prediction = predict(trained[0], ["webcam:0"], tmp_path / "out", progress=interrupted, device="cpu")
    assert [video.frames for video in prediction.videos] == [2]
    assert (tmp_path / "out" / "videos" / "webcam-0.json").is_file()
