#pragma once

namespace rectify::lab {

/// How long a list of work still takes, where each piece says about how long it takes, and much of
/// it may be finished already by an earlier process.
///
///     TimeLeft left(600);    // all together, as the pieces say
///     left.tell(100, 0);     // finished before: no time passed
///     left.tell(150, 25);    // 50 of these seconds took 25
///     left.seconds();        // about 225: so will the other 450
class TimeLeft {
 public:
  /// `total`: seconds of all work, as it says itself.
  explicit TimeLeft(double total) : total_(total) {}

  /// Takes note that so much of the work is done at the time `now`, in seconds since the beginning.
  /// What took less than a twentieth of what it says was there before, and says nothing about how
  /// fast this machine is.
  void tell(double worked, double now);

  /// By how fast the work went so far; before any, by what the pieces say.
  double seconds() const;

 private:
  double total_, worked_ = 0, now_ = 0;
  double fresh_ = 0, spent_ = 0;
};

}  // namespace rectify::lab
