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

/// How long pieces of one kind still take, such as the runs of a claim with one seed each: as long
/// as those that were done, on average. Searches are pieces of another kind, for a search may take
/// as long as ten runs or no time at all.
///
///     PiecesLeft runs(5, 20);    // five, of about 20 s each, or so we think
///     runs.finish(30);           // the first took 30 s
///     runs.finish_before();      // the second was there already
///     runs.seconds(0.5, 25);     // about 75: the third is half done after 25 s, 2.5 are left
class PiecesLeft {
 public:
  /// `guess`: seconds that a piece takes, until one is measured.
  PiecesLeft(double pieces, double guess) : left_(pieces), guess_(guess) {}

  /// A piece is done, after so many seconds.
  void finish(double seconds);
  /// A piece is done, by an earlier process.
  void finish_before() { left_ -= 1; }
  /// Of all pieces that are not done; `share` of the next one (0 to 1) took `spent` seconds.
  double seconds(double share = 0, double spent = 0) const;

 private:
  double left_, guess_, done_ = 0, spent_ = 0;
};

}  // namespace rectify::lab
