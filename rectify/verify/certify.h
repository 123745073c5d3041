#pragma once

#include "rectify/base/error.h"
#include "rectify/base/progress.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/certificate.h"
#include "rectify/verify/property.h"
#include "rectify/verify/record.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// Thrown where the rules of the checker do not prove what the search did.
class NotCertified : public Error {
 public:
  using Error::Error;
};

/// Makes a certificate of a verdict that is `holds` or `violated`, and of the record that verify()
/// left. Bounds everything by the rules of the checker, which are not those of the search: where
/// they are a little worse, parts are split further. So the certificate is one that check()
/// accepts.
///
/// Throws NotCertified where that does not work out, and Error for a verdict `unknown` and for a
/// predictor that keeps its weights as bf16 or int8. When `stop` says so, the certificate's answer
/// is `unknown`.
///
///     Record record;
///     const Verdict verdict = verify(predictor, property, {.record = &record});
///     if (verdict.answer != Answer::unknown)
///       write_file("proof.txt", text_of(certify(predictor, property, verdict, record)));
Certificate certify(const model::Predictor& predictor, const Property& property,
                    const Verdict& verdict, const Record& record, const StopCallback& stop = {},
                    const ProgressCallback& progress = {});

}  // namespace rectify::verify
