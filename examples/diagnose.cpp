// Asks what is wrong with a training before it begins: a rate that is far too high.
// Expect "The learning rate is too high" and a rate to try.

#include <cstdio>

#include "rectify/diagnose/rules.h"

int main() {
  using namespace rectify;
  try {
    ThreadPool threads;
    train::Options options;
    options.data = "glyphs:train=2000,test=500";
    options.model = "784 : dense 64 | relu | dense 64 | relu | dense 10";
    options.optimizer = "adam";
    options.lr = 0.5;
    const data::Dataset digits = data::open(options.data, threads);
    const diagnose::Facts facts = diagnose::facts_before(options, digits, threads);
    for (const diagnose::Finding& finding : diagnose::diagnose(facts)) {
      std::printf("%s: %s\n", finding.cause.c_str(), finding.title.c_str());
      for (const std::string& sentence : finding.evidence) std::printf("  %s\n", sentence.c_str());
      std::printf("  %s\n", finding.advice.c_str());
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "diagnose: %s\n", error.what());
    return 1;
  }
}
