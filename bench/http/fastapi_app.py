"""FastAPI and ONNX Runtime in one process, one inference a request: what one writes first."""
import os

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, Request

options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(os.environ["MODEL"], options)
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    instances = (await request.json())["instances"]
    x = np.array([instance["x"] for instance in instances], dtype=np.float32)
    return {"predictions": session.run(None, {"x": x})[0].tolist()}
