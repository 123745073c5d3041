"""A program that answers requests, JSON a line each; stopped while it is not its turn."""
import json
import os
import signal
import subprocess

TUNED = ("OPENBLAS_", "OMP_", "MKL_", "GOMP_", "KMP_", "BLIS_", "GOTO_", "DNNL_", "ONEDNN_",
         "RECTIFY_")


def clean_environment():
    """This process's, without what was tuned for something else."""
    return {k: v for k, v in os.environ.items() if not k.startswith(TUNED)}


class ServerError(RuntimeError):
    pass


class Server:
    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True,
                                        env={**clean_environment(), **(environment or {})})

    def ask(self, do, **request):
        """The reply. Threads that spin would disturb others: between requests all are stopped."""
        try:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            self.process.send_signal(signal.SIGSTOP)
        except (BrokenPipeError, ProcessLookupError):
            line = ""
        if not line:
            raise ServerError(f"ended with {self.process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise ServerError(reply["error"])
        return reply

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.close()
            self.process.stdout.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
