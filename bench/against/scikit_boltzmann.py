"""scikit-learn's side of bench/boltzmann.py: BernoulliRBM, which learns by persistent contrastive
divergence with one step. The same requests and replies as bench/boltzmann.cpp; the samples come as
a raw file of floats."""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import BernoulliRBM


def main():
    machine = samples = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "open":
            samples = np.fromfile(request["file"], np.uint8).reshape(-1, request["inputs"])
            samples = (samples[:request["samples"]] / 255).astype(request["element"])
            machine = BernoulliRBM(n_components=request["units"], batch_size=request["batch"],
                                   learning_rate=0.01, n_iter=1, random_state=1)
            reply = {"version": sklearn.__version__}
        else:
            begin = time.perf_counter()
            machine.fit(samples)
            reply = {"seconds": time.perf_counter() - begin}
        print(json.dumps(reply), flush=True)


main()
