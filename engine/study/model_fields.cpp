#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* eureka = "Hoffmann et al., Eureka-Moments in Transformers, ICML 2024";
constexpr const char* ahn = "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024";
constexpr const char* singh =
    "Singh et al., Explaining Grokking in Transformers through the Lens of Inductive Bias, 2026";
constexpr const char* vit = "Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021";

template<class Member> Field model(Member ModelSettings::*member, Field field) {
  return declare(&Settings::model, member, std::move(field));
}
template<class Member> Field transformer(Member ModelSettings::*member, Field field) {
  if (!field.applies) field.applies = is_transformer;
  return model(member, std::move(field));
}
template<class Member> Field arithmetic(Member ModelSettings::*member, Field field) {
  field.applies = is_arithmetic_transformer;
  return model(member, std::move(field));
}
/// Blocks and initial weights as in vision and language models.
bool is_pre_norm_transformer(const Settings& settings) {
  return is_vision_transformer(settings) || is_decoder(settings);
}
template<class Member> Field linear(Member ModelSettings::*member, Field field) {
  field.applies = is_linear_transformer;
  return model(member, std::move(field));
}
bool is_any_transformer(const Settings& settings) {
  return !is_resnet(settings);
}

} // namespace

std::vector<Field> model_fields() {
  return {
      model(&ModelSettings::kind,
            {.name = "model.kind",
             .label = "model",
             .choices = {"vision-transformer", "resnet", "decoder", "linear-transformer",
                         "arithmetic-transformer"},
             .help = "The network. For images: the vision transformer, which gets stuck "
                     "on a plateau, and the residual convolutional network, the control "
                     "that does not. For sequences: a decoder, a transformer in which "
                     "each token sees those before it. For regression: the linear "
                     "transformer, attention without softmax and nothing else. For modular "
                     "arithmetic: a transformer without causal mask, whose norms can stand "
                     "in various places, with the initial weights of the grokking paper.",
             .source = eureka}),
      transformer(&ModelSettings::patch,
                  {.name = "model.patch",
                   .label = "patch",
                   .minimum = 1,
                   .maximum = 56,
                   .unit = "pixels",
                   .help = "Edge of the square patches that become tokens; it must divide the canvas. "
                           "Smaller patches mean more tokens, and attention cost grows with their square.",
                   .formula = "tokens N = (2 cell / patch)² + 1",
                   .source = vit,
                   .applies = is_vision_transformer}),
      transformer(&ModelSettings::width,
                  {.name = "model.width",
                   .label = "width",
                   .minimum = 4,
                   .maximum = 2048,
                   .logarithmic = true,
                   .unit = "channels",
                   .help =
                       "Length of a token's vector. It is split among the heads, so it must be a multiple of "
                       "their number.",
                   .formula = "d = heads × d_k",
                   .source = vit}),
      transformer(
          &ModelSettings::heads,
          {.name = "model.heads",
           .label = "heads",
           .minimum = 1,
           .maximum = 64,
           .help = "Attention heads per layer. Each has its own queries, keys and values of width d_k and "
                   "can look somewhere else.",
           .formula = "d_k = width / heads",
           .source = "Vaswani et al., Attention Is All You Need, NeurIPS 2017"}),
      transformer(&ModelSettings::depth,
                  {.name = "model.depth",
                   .label = "depth",
                   .minimum = 1,
                   .maximum = 48,
                   .unit = "layers",
                   .help = "Number of transformer blocks, each attention followed by an MLP. "
                           "Comparing two indicators and fetching the target needs at least two.",
                   .formula = "x ← x + Attention(LN(x));  x ← x + MLP(LN(x))",
                   .source = vit,
                   .applies = is_any_transformer}),
      transformer(&ModelSettings::mlp_ratio,
                  {.name = "model.mlp_ratio",
                   .label = "MLP ratio",
                   .minimum = 0,
                   .maximum = 16,
                   .unit = "x width",
                   .help = "Width of the hidden layer of each block's MLP, in units of the model's width. "
                           "0: blocks of attention alone.",
                   .formula = "MLP(x) = W₂ GELU(W₁ x + b₁) + b₂,  W₁: ratio × d by d",
                   .source = eureka}),
      transformer(
          &ModelSettings::drop_path,
          {.name = "model.drop_path",
           .label = "drop path",
           .minimum = 0,
           .maximum = 0.9,
           .help = "Stochastic depth: probability of skipping a residual branch for a sample while training, "
                   "growing linearly from 0 in the first block to this value in the last.",
           .formula = "p_l = p (l - 1) / (depth - 1)",
           .source = "Huang et al., Deep Networks with Stochastic Depth, ECCV 2016",
           .applies = is_pre_norm_transformer}),
      transformer(&ModelSettings::init_std,
                  {.name = "model.init_std",
                   .label = "initial weights",
                   .minimum = 1e-4,
                   .maximum = 1,
                   .logarithmic = true,
                   .help =
                       "Standard deviation of the weights before training. The smaller it is, the closer to "
                       "uniform attention starts. To keep the paper's regime at another width d, "
                       "take 0.02 × √(256 / d).",
                   .formula = "W ~ N(0, σ²)",
                   .source = eureka,
                   .applies =
                       [](const Settings& settings) {
                         return is_pre_norm_transformer(settings) || is_linear_transformer(settings);
                       }}),
      model(&ModelSettings::base_channels,
            {.name = "model.base_channels",
             .label = "base channels",
             .minimum = 1,
             .maximum = 256,
             .logarithmic = true,
             .unit = "channels",
             .help = "Channels of the residual network's first stage; every further stage doubles them. "
                     "The paper's network starts with 64.",
             .formula = "c, 2c, 4c, 8c",
             .source = eureka,
             .applies = is_resnet}),
      linear(&ModelSettings::parametrisation,
             {.name = "model.parametrisation",
              .label = "parametrisation",
              .choices = {"block-sparse", "dense"},
              .help = "Which entries of P and Q are trained. Block-sparse, as in the authors' code: d × d "
                      "blocks that act on the covariates; responses pass with factor 1. Dense: all "
                      "(d + 1) × (d + 1).",
              .formula = "P = diag(P_x, 1),  Q = diag(Q_x, 0)",
              .source = ahn}),
      linear(&ModelSettings::mixing,
             {.name = "model.mixing",
              .label = "mixing",
              .choices = {"linear", "softmax", "relu"},
              .help = "What becomes of the scores before they weigh the tokens: nothing, a softmax over all "
                      "tokens, or the positive part. The query's column is masked afterwards.",
              .formula = "Z ← Z + 1/n P Z M f(Zᵀ Q Z)",
              .source = ahn}),
      linear(&ModelSettings::context_average,
             {.name = "model.context_average",
              .label = "factor 1/n",
              .help = "Is attention's output divided by the number of examples? With softmax, whose weights "
                      "already sum to 1, that is a handicap.",
              .formula = "Z ← Z + 1/n Attention(Z)",
              .source = ahn}),
      linear(&ModelSettings::feature_width,
             {.name = "model.feature_width",
              .label = "feature units",
              .minimum = 0,
              .maximum = 1024,
              .unit = "units",
              .help = "Hidden units of a trained MLP that the covariates pass before the first layer, for "
                      "targets that are not linear. 0: no MLP.",
              .formula = "x ← W₂ max(W₁ x + b₁, 0) + b₂",
              .source = ahn}),
      arithmetic(&ModelSettings::norms,
                 {.name = "model.norms",
                  .label = "norms",
                  .choices = {"none", "qk", "v", "qkv", "mlp", "qk+mlp", "v+mlp", "qkv+mlp", "post", "peri"},
                  .help =
                      "Which pathways see the residual stream normalised: queries and keys (qk), values (v), "
                      "the MLP. The paper's names: none = No LN, qk = A^qk, v = A^v, qkv = A*, mlp = M, "
                      "v+mlp = M+A^v, qkv+mlp = M+A* (the usual pre-norm). post: after each residual sum; "
                      "peri: before and after each sublayer.",
                  .formula = "x ← x + A(N₁x | x, N₁x | x, N₁x | x);  x ← x + M(N₂x | x)",
                  .source = singh}),
      arithmetic(&ModelSettings::norm_kind,
                 {.name = "model.norm_kind",
                  .label = "kind of norm",
                  .choices = {"layer-norm", "rms-norm"},
                  .help = "Layer norm takes the mean away and divides by the standard deviation; RMS norm "
                          "only divides by the root mean square.",
                  .formula = "γ (x − x̄) / √(Var x + ε) + β;  γ x / √(x̄² + ε)",
                  .source = singh}),
      arithmetic(&ModelSettings::readout_scale,
                 {.name = "model.readout_scale",
                  .label = "readout scale",
                  .minimum = 1e-3,
                  .maximum = 1e3,
                  .logarithmic = true,
                  .help = "Factor on the logits. Large values were held to make training lazy; with AdamW "
                          "and cross entropy it is an inverse temperature of the softmax, and how the "
                          "learning rate follows it decides what it does.",
                  .formula = "z = α f(x; θ)",
                  .source = singh}),
      arithmetic(&ModelSettings::subtract_initial,
                 {.name = "model.subtract_initial",
                  .label = "subtract first prediction",
                  .help = "Takes away what the untrained model says, so that training starts from logits of "
                          "zero at any readout scale.",
                  .formula = "z = α (f(x; θ) − f(x; θ₀))",
                  .source = "Kumar et al., Grokking as the Transition from Lazy to Rich, ICLR 2024"}),
      arithmetic(&ModelSettings::init_scale,
                 {.name = "model.init_scale",
                  .label = "initial scale",
                  .minimum = 1e-2,
                  .maximum = 1e2,
                  .logarithmic = true,
                  .help = "Factor on all weights before training. Large ones memorise first and generalise "
                          "late.",
                  .formula = "θ₀ ← s θ₀",
                  .source = "Liu et al., Omnigrok, ICLR 2023"}),
  };
}

} // namespace plateau::study
