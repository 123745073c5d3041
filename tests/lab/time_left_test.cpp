#include "rectify/lab/time_left.h"

#include <gtest/gtest.h>

namespace rectify::lab {
namespace {

TEST(TimeLeft, GoesByWhatThePiecesSayUntilSomethingIsMeasured) {
  TimeLeft left(600);
  EXPECT_DOUBLE_EQ(left.seconds(), 600);
}

TEST(TimeLeft, GoesByHowFastTheWorkWent) {
  TimeLeft left(1000);
  left.tell(200, 100);
  left.tell(400, 200);  // 400 seconds' work in 200: the other 600 in 300
  EXPECT_NEAR(left.seconds(), 300, 3);
}

TEST(TimeLeft, DoesNotTakeWhatWasFinishedBeforeForSpeed) {
  TimeLeft left(1000);
  left.tell(500, 0.01);
  EXPECT_DOUBLE_EQ(left.seconds(), 500);
  left.tell(700, 400);  // 200 seconds' work in 400
  EXPECT_NEAR(left.seconds(), 600, 6);
  left.tell(1000, 400.1);
  EXPECT_DOUBLE_EQ(left.seconds(), 0);
}

TEST(PiecesLeft, GoesByAGuessUntilAPieceIsMeasured) {
  PiecesLeft left(4, 10);
  EXPECT_DOUBLE_EQ(left.seconds(), 40);
  left.finish_before();
  EXPECT_DOUBLE_EQ(left.seconds(0.01, 5), 29.9);
}

TEST(PiecesLeft, GoesByThePiecesThatWereDoneHere) {
  PiecesLeft left(5, 10);
  left.finish(30);
  left.finish_before();
  EXPECT_DOUBLE_EQ(left.seconds(), 90);
  EXPECT_DOUBLE_EQ(left.seconds(0.5, 30), 2.5 * 40);
  left.finish(40);
  left.finish(20);
  left.finish(30);
  EXPECT_DOUBLE_EQ(left.seconds(), 0);
}

TEST(PiecesLeft, TakesPiecesOfNoTimeAsTheyAre) {
  PiecesLeft searches(3, 10);
  searches.finish(0);
  EXPECT_DOUBLE_EQ(searches.seconds(), 0);
}

}  // namespace
}  // namespace rectify::lab
