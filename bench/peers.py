"""Who Rectify is held against: what is found here, and every setting of it that is searched.

A setting is a pair: an environment, which a process is started with, and the options of a session
in it. Searched are the threads, how they are bound and wait, the BLAS and its kernels, and what the
peer itself offers (bench/against/).
"""
import glob
import os
import platform

from report import HERE, processor
from server import Server, ServerError


def cores():
    return len(os.sched_getaffinity(0))


class Peer:
    """One library in one version. `environments` maps a name to variables; "" is as installed."""

    def __init__(self, key, command, environments):
        self.key, self.command, self.environments = key, command, environments
        self.servers = {}
        self.about = self.server("").ask("about")
        self.title = f"{self.about['name']} {self.about['version']}"

    def server(self, environment):
        if environment not in self.servers:
            self.servers[environment] = Server(self.command, self.environments[environment])
        return self.servers[environment]

    def drop(self, environment):
        if environment in self.servers:
            self.servers.pop(environment).close()

    def close(self):
        for environment in list(self.servers):
            self.drop(environment)

    def takes(self, task):
        """Whether it has the network."""
        return "network" not in task

    def installed(self, task):
        """The options of a session when nothing is chosen."""
        return {}

    def plain(self, task):
        """Options that are a fair first guess, to compare environments with."""
        return {}

    def variants(self, task):
        """Options to search in the better environments."""
        return []

    def slow_variants(self, task):
        """Those that take long to try: in the best environment alone."""
        return []


def threads_environments(count, extra=None):
    """OpenMP for so many threads, bound or not, waiting by sleep or by spinning."""
    extra = extra or {}
    base = {"OMP_NUM_THREADS": str(count), **extra}
    if count == 1:
        return {"1 thread": base}
    return {f"{count} threads": base,
            f"{count} threads, bound": {**base, "OMP_PROC_BIND": "close"},
            f"{count} threads, bound, spinning":
                {**base, "OMP_PROC_BIND": "close", "OMP_WAIT_POLICY": "active"}}


class PyTorch(Peer):
    def __init__(self, key, python, quick, build):
        command = [python, os.path.join(HERE, "against", "pytorch_network.py")]
        super().__init__(key, command, {"": {}})
        mkl = self.about["blas"] == "MKL"
        self.title += " with MKL" if mkl else " with the system's BLAS"
        for count in sorted({1, cores()}):
            for name, blas in (mkl_choices(build) if mkl else openblas_choices(quick)).items():
                for threads, variables in threads_environments(count).items():
                    if quick and "spinning" in threads:
                        continue
                    self.environments[threads + name] = {**variables, **blas(count)}

    def takes(self, task):
        return True

    def plain(self, task):
        layout = {"channels_last": True} if "network" in task else {}
        return {"sgd": "fused" if self.about["fused"] else "foreach", **layout}

    def variants(self, task):
        if not task["training"]:
            found = [{}, {"flush": True}, {"jit": True}]
        else:
            kinds = ["default", "foreach"] + ["fused"] * self.about["fused"]
            found = [{**self.plain(task), "sgd": kind} for kind in kinds]
            found += [{**found[-1], "flush": True}]
            if "network" in task:
                found += [{"sgd": kinds[-1]}]
        return found

    def slow_variants(self, task):
        return [{**self.plain(task), "compile": "default"}] if self.about["compile"] else []


class Dlib(Peer):
    """Its products are the BLAS's, and its threads too."""

    def __init__(self, program, quick):
        super().__init__("dlib", [program], {"": {}})
        for count in sorted({1, cores()}):
            for name, blas in openblas_choices(quick).items():
                self.environments[f"{count} thread" + "s" * (count > 1) + name] = {
                    "OMP_NUM_THREADS": str(count), **blas(count)}


class Products(Peer):
    """oneDNN called directly, for the products of a step alone: a bound and no peer."""

    def __init__(self, program):
        super().__init__("onednn", [program], {"": {}})
        for count in sorted({1, cores()}):
            self.environments.update(threads_environments(count))

    def variants(self, task):
        return [{"packed": True}]


def mkl_choices(build):
    """MKL takes its AVX-512 kernels only on Intel's processors, unless it is told otherwise."""
    found = {"": lambda count: {}}
    told = os.path.join(build, "bench", "libmkl_as_on_intel.so")
    if "Intel" not in processor() and platform.machine() == "x86_64" and os.path.exists(told):
        found[", MKL as on Intel"] = lambda count: {"LD_PRELOAD": told}
    return found


def openblas_choices(quick):
    """The builds of OpenBLAS and of BLIS that Debian has, and OpenBLAS's kernels."""
    found = {}
    others = ["SkylakeX", "Haswell"] + ["Zen"] * ("AMD" in processor())
    for folder in sorted(glob.glob("/usr/lib/*/openblas-*") + glob.glob("/usr/lib/*/blis-*")):
        name = os.path.basename(folder)
        kernels = ["", *others] if "openblas" in name and not quick else [""]
        for kernel in kernels:
            def variables(count, folder=folder, kernel=kernel):
                chosen = {"LD_LIBRARY_PATH": folder, "OPENBLAS_NUM_THREADS": str(count),
                          "BLIS_NUM_THREADS": str(count)}
                return {**chosen, **({"OPENBLAS_CORETYPE": kernel} if kernel else {})}
            found[f", {name}" + (f" {kernel}" if kernel else "")] = variables
    return found or {"": lambda count: {"OPENBLAS_NUM_THREADS": str(count)}}


def find(pythons, quick, build, say):
    """The peers that run here. `say` is told of those that do not."""
    found = {}
    for python in pythons:
        try:
            peer = PyTorch("pytorch", python, quick, build)
        except (ServerError, OSError):
            say(f"no torch in {python}")
            continue
        peer.python = python
        peer.key = "pytorch-" + ".".join(peer.about["version"].split(".")[:2])
        if peer.key in found:
            peer.close()
        else:
            found[peer.key] = peer
    try:
        found["dlib"] = Dlib(os.path.join(build, "bench", "bench_dlib_network"), quick)
    except (ServerError, OSError):
        say("no dlib: left out")
    return list(found.values())
