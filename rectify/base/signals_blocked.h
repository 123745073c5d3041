#pragma once

#include <signal.h>

namespace rectify {

/// Blocks all signals of the calling thread while it lives, and then restores the thread's mask. A
/// thread inherits the mask of the thread that starts it, so threads started meanwhile never run a
/// signal handler: it must not run on top of generated code (docs/decisions/0006).
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace rectify
