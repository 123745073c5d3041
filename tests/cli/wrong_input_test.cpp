#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "rectify/base/file.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

/// A wrong command line, the exit code that it must give, and words that must be in its one line.
struct Wrong {
  const char* arguments;
  int code;
  const char* says;
};

// Where data are drawn before the mistake is seen: the usual 20,000 digits would take most of the
// time.
#define FEW_GLYPHS "--data glyphs:train=50,test=20"

constexpr Wrong cases[] = {
    {"", 2, "subcommand"},
    {"comapre", 2, "did you mean 'compare'?"},
    {"compare --hiden 3", 2, "--hiden"},
    {"compare --epochs many", 2, "--epochs"},
    {"eval", 2, "model"},
    {"data show", 2, "spec"},
    {"data fetch mnist", 2, "see rectify data fetch --help"},
    {"compare --activations relu,tnah --out o", 1, "did you mean 'tanh'?"},
    {"compare --activations relu,swihs --out o", 1, "did you mean 'swish'?"},
    {"compare --activations relu,relu --out o", 1, "given twice"},
    {"compare --activations 'relu a=3' --out o", 1, "relu has no 'a'"},
    {"compare --activations 'leaky_relu a=-3' --out o", 1, "a must be between"},
    {"compare --hidden 10,,10 --out o", 1, "--hidden"},
    {"compare --sparsity 0,many --out o", 1, "such as 0,0.02,0.1, not '0,many'"},
    {"compare --sparsity 0,1e-4 --l1 1e-3 --out o", 1, "leave --l1 out"},
    {"compare --hidden 8 --activations 'top_k 9' --data moons --out o", 1, "keeps 9 elements"},
    {"compare --hidden 0 --out o", 1, "--hidden"},
    {"compare --seeds 0 --out o", 1, "seeds"},
    {"compare --model lenet5 --hidden 30 --out o", 1, "--hidden is for networks without --model"},
    {"compare --model lenett5 --out o", 1, "did you mean 'lenet5'?"},
    {"compare --model lenet5 --dropout 0.1 --out o", 1, "into the text of --model"},
    {"compare --model '784 : dense 10 | tanh | dense 10' " FEW_GLYPHS " --out o", 1,
     "has no 'relu'"},
    {"train --model lenet5 --hidden 30 --out o", 1, "--hidden is for networks without --model"},
    {"train --model lenet5 --activation sigmiod --out o", 1, "did you mean 'sigmoid'?"},
    {"train --model '784 : dense 10' --activation tanh --out o", 1, "has no 'relu'"},
    {"compare --data mnist:/nowhere --out o", 1, "/nowhere"},
    {"compare --data minst:x --out o", 1, "did you mean 'mnist'?"},
    {"compare --data glyphs:trian=10 --out o", 1, "did you mean 'train'?"},
    {"train --model '784 : dense 10 | rleu | dense 10' --out o", 1, "did you mean 'relu'?"},
    {"train --model '784 : dense 10 | ReLU | dense 10' --out o", 1, "did you mean 'relu'?"},
    {"train --model '784 : Dense 10' --out o", 1, "did you mean 'dense'?"},
    {"train --activation LeakyReLU " FEW_GLYPHS " --out o", 1, "did you mean 'leaky_relu'?"},
    {"compare --activations relu,Leaky-ReLU --out o", 1, "did you mean 'leaky_relu'?"},
    {"activations ReLU", 1, "did you mean 'relu'?"},
    {"train --optimizer AdamW --out o", 1, "did you mean 'adamw'?"},
    {"train --model '784 : dense' --out o", 1, "column 7"},
    {"train --model '784 : dense 10 | relu |' --out o", 1, "column"},
    {"train --model '784 dense 10' --out o", 1, "there is no ':'"},
    {"train --model '783 : dense 10' " FEW_GLYPHS " --out o", 1, "783"},
    {"train --model '784 : dense 7' " FEW_GLYPHS " --out o", 1, "dense 10"},
    {"train --model '784 : dense 99999999999 | dense 10' --out o", 1, "between"},
    {"train --lr fast --out o", 2, "'fast' is not a number, usual or auto"},
    {"compare --lr usual --out o", 2, "'usual' is not a number or auto"},
    {"train --certify 2 --out o", 1, "more than an image's whole range"},
    {"train --certify 0.1 --model '784 : dense 10 | relu' --out o", 1, "ends in one dense layer"},
    {"train --model '784 : dense 10 as target' --out o", 1, "choose another"},
    {"pretrain --stack 'rbn 10' --out o", 1, "did you mean 'rbm'?"},
    {"pretrain --stack 'rbm 10 visible=nrelu method=pt' " FEW_GLYPHS " --out o", 1,
     "method=pt is for"},
    {"pretrain --stack '' --out o", 1, "layer 1 of the stack is empty"},
    {"pretrain --stack 'rbm 10 nrelo' --out o", 1, "did you mean 'nrelu'?"},
    {"pretrain --stack 'rbm 10 | rbm 0' --out o", 1, "layer 2 of the stack"},
    {"pretrain --lr auto --out o", 1, "give a number"},
    {"pretrain --epochs 0 --out o", 1, "epochs"},
    {"pretrain --data moons --normalise standard --stack 'rbm 5 visible=binary' --out o", 1,
     "visible=gaussian"},
    {"pretrain --model lenet5 --out o", 2, "--model"},
    {"train --init nowhere --out o", 1, "neither the folder of a pretraining nor an initialiser"},
    {"train --init glorot_unifrom --out o", 1, "did you mean 'glorot_uniform'?"},
    {"train --init . --out o", 1, "holds no pretraining"},
    {"train --init . --weights x.npz --out o", 1, "leave one out"},
    {"train --init . --hidden 30 --out o", 1, "leave --hidden"},
    {"compare --pretrain none,rbn --out o", 1, "did you mean 'rbm'?"},
    {"compare --pretrain rbm,rbm --out o", 1, "given twice"},
    {"compare --pretrain rbm --activations elu --out o", 1, "no unit of a Boltzmann machine"},
    {"compare --pretrain rbm --model lenet5 --out o", 1, "leave --model out"},
    {"inspect '10 : dense 5' --batch 0", 1, "--batch"},
    {"train --lr=-1 --out o", 1, "--lr"},
    {"train --seed -1 --out o", 2, "--seed"},
    {"compare --epocs 3", 2, "did you mean '--epochs'?"},
    {"compare --dropout -0.1 --out o", 1, "dropout must be between"},
    {"train --batch 0 --out o", 1, "batch"},
    {"train --epochs 0 --out o", 1, "epochs"},
    {"train --optimizer adm --out o", 1, "did you mean 'adam'?"},
    {"train --schedule cosin --out o", 1, "did you mean 'cosine'?"},
    {"train --decay-of dense9=0 " FEW_GLYPHS " --out o", 1, "did you mean 'dense1'?"},
    {"train --decay-of dense1 --out o", 1, "--decay-of"},
    {"train --rate-of dens1=0 " FEW_GLYPHS " --out o", 1, "did you mean 'dense1'?"},
    {"train --rate-of dense1=x --out o", 1, "--rate-of"},
    {"train --init whitening " FEW_GLYPHS " --out o", 1, "reads the samples"},
    {"train --loss hinge --label-smoothing 0.1 " FEW_GLYPHS " --out o", 1, "hinge"},
    {"compare --loss hinge --mixup 1 " FEW_GLYPHS " --out o", 1, "hinge"},
    {"train --init he_norml --out o", 1, "did you mean 'he_normal'?"},
    {"train --loss softmax --out o", 1, "loss"},
    {"train --validation 1.5 --out o", 1, "validation"},
    {"train --threads -1 --out o", 1, "threads"},
    {"train --config nothing.toml --out o", 1, "nothing.toml"},
    {"train " FEW_GLYPHS " --out broken.safetensors", 1, "is a file"},
    {"eval nothing", 1, "nothing"},
    {"eval broken.safetensors --data glyphs:train=10,test=10", 1, "safetensors"},
    {"eval . --data glyphs:train=10,test=10", 1, "not the folder of a training run"},
    {"predict broken.safetensors", 1, "safetensors"},
    {"inspect broken.safetensors", 1, "safetensors"},
    {"inspect '10 : dense 5 | nosuch'", 1, "there is no such layer"},
    {"import none.onnx --out x.onnx", 1, "let it end in .safetensors"},
    {"import none.onnx --out broken.safetensors", 1, "is there already; --force writes over it"},
    {"import none.onnx --out o/x.safetensors", 1, "there is no folder 'o'"},
    {"export nothing --out o/x.onnx", 1, "there is no folder 'o'"},
    {"export nothing --out broken.safetensors/x.onnx", 1, "no folder 'broken.safetensors'"},
    {"resume nowhere", 1, "nowhere"},
    {"resume .", 1, "state.safetensors"},
    {"activations reul", 1, "did you mean 'relu'?"},
    {"data show glyphs:train=50,test=20 --sheet no/such/folder.png", 1, "no/such/folder.png"},
    {"data show moons:train=50,test=20 --sheet s.png", 1, "image"},
};

TEST(WrongInput, GetsOneClearLineAndItsExitCode) {
  const TemporaryFolder folder;
  write_file(folder.path() / "broken.safetensors", "this is no such file, and it is too short");
  for (const Wrong& wrong : cases) {
    const Outcome outcome = run_program(folder.path(), wrong.arguments);
    EXPECT_EQ(outcome.code, wrong.code) << wrong.arguments << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(wrong.says), std::string::npos) << wrong.arguments << "\n"
                                                               << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("rectify: error: ")) << wrong.arguments << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1)
        << wrong.arguments << "\n"
        << outcome.err;
    EXPECT_EQ(outcome.out, "") << wrong.arguments;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "o")) << wrong.arguments;
  }
}

}  // namespace
}  // namespace rectify::cli
