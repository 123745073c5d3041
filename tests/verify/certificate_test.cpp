// A certificate whose bytes or whose steps are damaged is refused.

#include "rectify/verify/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/file.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/verify/certify.h"
#include "rectify/verify/check.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/neuron_search.h"
#include "tests/helpers.h"
#include "tests/random_model.h"
#include "tests/temporary_folder.h"

namespace rectify::verify {
namespace {

/// A certificate with many splits or decisions, and what it is about.
struct LongProof {
  model::Predictor predictor{random_model("3 : dense 12 | relu | dense 12 | relu | dense 2", 5)};
  Property property;
  std::string text;

  explicit LongProof(bool by_neurons) {
    property = {{{{{-1, -1, -1}, {1, 1, 1}}, {{{1, -1}, least() - 0.5}}}}};
    Record record;
    const Limits limits{.seconds = 1000, .threads = 1, .record = &record};
    Verdict verdict;
    const Network network = network_of(predictor);
    if (by_neurons)
      NeuronSearch(predictor, Structure(network), property).run(limits, Deadline(limits), verdict);
    else
      verdict = verify(predictor, property, limits);
    EXPECT_EQ(verdict.answer, Answer::holds) << verdict.why;
    text = text_of(certify(predictor, property, verdict, record));
  }

 private:
  /// Of y0 - y1 at drawn inputs.
  double least() const {
    const Random random(5, 6);
    std::vector<float> x(3), y(2);
    double least = 1e30;
    for (std::size_t n = 0; n < 20000; ++n) {
      for (std::size_t i = 0; i < 3; ++i)
        x[i] = static_cast<float>(2 * random.uniform(3 * n + i) - 1);
      predictor.run(x, y);
      least = std::min(least, double{y[0]} - y[1]);
    }
    return least;
  }
};

TEST(Certificate, IsRefusedAfterAnyOfAThousandDamages) {
  std::size_t refused = 0;
  for (const bool by_neurons : {false, true}) {
    const std::string whole = LongProof(by_neurons).text;
    ASSERT_GT(whole.size(), 300u);
    parse_certificate(whole, "c");
    const Random random(by_neurons, 4);
    for (std::uint64_t n = 0; n < 500; ++n) {
      const auto draw = [&](std::uint64_t i, std::size_t below) {
        return std::min(below - 1, static_cast<std::size_t>(random.uniform(10 * n + i) *
                                                            static_cast<double>(below)));
      };
      std::string text = whole;
      const std::size_t at = draw(0, text.size());
      switch (n % 4) {
        case 0:
          text[at] = static_cast<char>(text[at] ^ (1 << draw(1, 8)));
          break;
        case 1:
          text.resize(at);
          break;
        case 2:
          text.erase(at, 1 + draw(1, 30));
          break;
        case 3:
          text.insert(at, 1, text[draw(1, text.size())]);
          break;
      }
      if (text == whole) continue;
      refused += !error_of([&] { parse_certificate(text, "c"); }).empty();
      EXPECT_FALSE(error_of([&] { parse_certificate(text, "c"); }).empty()) << text;
    }
  }
  EXPECT_EQ(refused, 1000u);
}

TEST(Certificate, IsReadFromAFileOfALimitedSize) {
  const TemporaryFolder folder;
  const std::string text = LongProof(false).text;
  const auto path = folder / "proof.txt";
  write_file(path, text);
  EXPECT_EQ(text_of(read_certificate(path, text.size())), text);
  EXPECT_EQ(error_of([&] { read_certificate(path, text.size() - 1); }),
            concat("'", path.string(), "' is larger than ", text.size() - 1, " bytes"));
}

TEST(Check, RefusesAProofWhoseEndIsMissingOrDoubled) {
  for (const bool by_neurons : {false, true}) {
    const LongProof proof(by_neurons);
    Certificate certificate = parse_certificate(proof.text, "c");
    std::vector<std::string> lines = split(certificate.steps, '\n');
    lines.pop_back();
    ASSERT_GE(lines.size(), 10u) << proof.text;
    const auto text = [&] {
      return error_of([&] { check(proof.predictor, proof.property, certificate, "c"); });
    };
    EXPECT_EQ(text(), "");
    certificate.steps += lines.back() + "\n";
    EXPECT_TRUE(contains(text(), "there is nothing left to prove")) << text();
    certificate.steps.clear();
    const std::size_t apart = 1 + lines.size() / 20;
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (at % apart == 0 || at + 1 == lines.size()) {
        EXPECT_TRUE(contains(text(), "not proven") || contains(text(), "says nothing")) << text();
      }
      certificate.steps += lines[at] + "\n";
    }
    EXPECT_EQ(text(), "");
  }
}

// With the weights of the other side a sub-problem may still be proven, by a worse bound.
TEST(Check, RefusesProofsOfTheWrongPhaseWhereTheyDoNotHold) {
  const LongProof proof(true);
  Certificate certificate = parse_certificate(proof.text, "c");
  std::vector<std::string> lines = split(certificate.steps, '\n');
  lines.pop_back();
  std::size_t tried = 0, refused = 0;
  for (std::size_t at = 0; at + 1 < lines.size() && tried < 20; ++at) {
    if (!lines[at].starts_with("proven") || !lines[at + 1].starts_with("proven")) continue;
    std::vector<std::string> swapped = lines;
    std::swap(swapped[at], swapped[at + 1]);
    certificate.steps.clear();
    for (const std::string& line : swapped) certificate.steps += line + "\n";
    ++tried;
    refused += !error_of([&] { check(proof.predictor, proof.property, certificate, "c"); }).empty();
  }
  EXPECT_GE(tried, 3u);
  EXPECT_GE(refused, 4u) << "of " << tried;
}

}  // namespace
}  // namespace rectify::verify
