"""Runs one model for a worker of Cluster Serving. It needs Python 3.8 and the packages of the model, and nothing else.

    cluster_serving_process.py PARENT_PID     serves over descriptor 3
    cluster_serving_process.py --check NAME…  prints the version, and the names of those modules that are not installed

The worker sends {"load": …}, then {"tensors"} for each run; the answers are {"loaded"} or {"failed"}, then {"tensors"} or
{"error"}, in the order of the runs. The process ends when the worker does."""
import ctypes
import faulthandler
import importlib.util
import os
import select
import signal
import sys
import threading
import traceback

CHANNEL = 3


def failure(error):
    from cluster_serving_models import Refused

    """@returns why a model could not be loaded, for the worker"""
    if isinstance(error, Refused):
        return {"refused": str(error)}
    if isinstance(error, ModuleNotFoundError) and error.name:
        return {"missing": error.name.split(".")[0]}
    return {"error": text_of(error)}


def text_of(error):
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"[:2000] if message else type(error).__name__


def end_with_worker(parent):
    """Ends this process when the worker has gone, also while the model computes: by the kernel where it can, which needs no
    thread of Python, and by a thread that watches the channel."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    def watch():
        poll = select.poll()
        poll.register(CHANNEL, 0)
        while not any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            pass
        leave()

    threading.Thread(target=watch, daemon=True).start()


def leave():
    # Processes that the model has started are of the same group, which the worker has made for them.
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def serve(parent):
    end_with_worker(parent)
    here = os.path.dirname(os.path.abspath(__file__))
    # Nothing is written beside a model, nor here.
    sys.dont_write_bytecode = True
    sys.path.insert(0, here)
    from cluster_serving_load import load
    from cluster_serving_wire import Channel

    # What a model imports is not to be found here.
    sys.path[:] = [path for path in sys.path if path != here]
    channel = Channel(CHANNEL)
    received = channel.receive()
    if received is None:
        leave()
    request = received[0]["load"]
    try:
        model = load(request)
    except BaseException as error:
        traceback.print_exc()
        channel.send({"failed": failure(error)})
        return
    signature = {"inputs": list(model.inputs), "outputs": list(model.outputs), "labels": model.labels, "notes": list(model.notes)}
    channel.send({"loaded": signature})
    while True:
        received = channel.receive()
        if received is None:
            leave()
        _, tensors = received
        try:
            pieces = [model.encode(name, value) for name, value in model.run(tensors)]
        except BaseException as error:
            traceback.print_exc()
            channel.send({"error": text_of(error)})
            continue
        channel.send({"tensors": [head for head, _ in pieces]}, [body for _, body in pieces])


def check(modules):
    print(".".join(map(str, sys.version_info[:3])))
    for module in modules:
        if importlib.util.find_spec(module) is None:
            print(module)


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(sys.argv[2:])
    else:
        faulthandler.enable()
        serve(int(sys.argv[1]))
