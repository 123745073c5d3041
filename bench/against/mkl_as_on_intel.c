// Preloaded into PyTorch on processors that are not Intel's, where MKL would otherwise leave out
// its AVX-512 kernels; one of the settings that bench/peers.py searches.
int mkl_serv_intel_cpu_true(void);
int mkl_serv_intel_cpu_true(void) { return 1; }
int mkl_serv_intel_cpu(void);
int mkl_serv_intel_cpu(void) { return 1; }
