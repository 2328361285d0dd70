#include "engine/probes/catalogue.h"

#include <algorithm>

namespace plateau::probes {
namespace {

struct MetricText {
  const char* prefix; // of the metric's name, without layer and head
  const char* title;
  const char* formula;
};

// The longest matching prefix wins.
constexpr MetricText metric_texts[] = {
    {"loss/train", "training loss",
     "cross entropy with label smoothing on the batch, or whichever loss is trained, of the labels alone, "
     "before the update; of regression the mean of (ŷ − y)²"},
    {"loss/validation", "validation loss",
     "cross entropy without label smoothing on held-out samples, also where StableMax is trained; where the "
     "squared loss is trained the mean of (z − e_y)²; of regression the mean of (ŷ − y)²"},
    {"loss/validation-median", "validation loss, median", "median of (ŷ − y)² over the validation prompts"},
    {"loss/validation-trimmed", "validation loss, trimmed mean",
     "mean of (ŷ − y)² over the middle 90 % of the validation prompts"},
    {"loss/bits-per-character", "bits per character", "validation loss / ln 2"},
    {"accuracy/train", "training accuracy", "share of right answers on the batch"},
    {"accuracy/validation", "validation accuracy (whole task)", "share of right answers on held-out samples"},
    {"accuracy/in-context", "accuracy in context",
     "share of right answers that the context alone gives: to keys seen before in the same sequence"},
    {"accuracy/intermediate", "accuracy of the intermediate task",
     "P(answer = right candidate | answer is one of two different candidates); chance 0.5"},
    {"accuracy/either-target", "answers one of the two candidates", "P(answer ∈ {right, other candidate})"},
    {"accuracy/late", "accuracy of the last quarter",
     "share of right answers in the last quarter of a sequence"},
    {"accuracy/fixed-mapping", "accuracy with the fixed mapping",
     "share of right answers, last quarter, where labels come from the mapping that never changes"},
    {"accuracy/in-weights", "in-weights score",
     "share of answers that are right by heart though the context says something else, or nothing"},
    {"accuracy/swapped-labels", "accuracy with swapped labels",
     "share of answers right by a context whose labels were all shifted by one"},
    {"loss/attributes", "loss of the attributes",
     "mean cross entropy of all attributes of the input at hand"},
    {"loss/rule", "loss of the rule", "cross entropy of the rule that the sequence follows"},
    {"loss/shortcut", "training loss with unit MLP inputs",
     "cross entropy on the training pairs where the MLP is given x/|x|₂: how much hangs on |x|"},
    {"loss/restricted", "restricted loss",
     "cross entropy on the test pairs of logits projected on cos and sin of the five strongest frequencies "
     "of a ∘ b, and the mean"},
    {"loss/excluded", "excluded loss",
     "cross entropy on the training pairs of logits without cos and sin of the five strongest frequencies"},
    {"features/entropy", "attention entropy, heads averaged",
     "H = −Σ_j w_j ln w_j of the heads' mean weights, mean over pairs and all rows; at most ln 3"},
    {"features/entropy-per-head", "attention entropy per head",
     "H of each head's last row, mean over heads and pairs; at most ln 3"},
    {"features/effective-rank", "effective rank", "exp(−Σ p_i ln p_i),  p_i = λ_i / Σ λ,  λ of XᵀX"},
    {"features/rank", "rank", "eigenvalues of XᵀX above rounding"},
    {"features/stable-rank", "stable rank", "|Z|_F / |Z|₂,  Z = XᵀX"},
    {"features/tail-exponent", "power-law exponent of the spectrum",
     "α = 1 + n / Σ ln(λ_i / λ_min) over the tail; the smaller, the more compressible"},
    {"features/fourier-concentration", "Fourier concentration of the embedding",
     "C_F = Var_k(m_k) / (mean (F_dk − m_k)² + 10⁻⁸),  F = |DFT W_E|,  m_k = mean_d F_dk"},
    {"features/fourier-top5", "share of the five strongest frequencies",
     "Σ_5 P_k / Σ P_k,  P_k = Σ_d |DFT_k W_E|²"},
    {"features/fourier-participation", "frequencies in use", "1 / Σ P̂_k²"},
    {"features/fourier-entropy", "spectral entropy of the embedding", "−Σ P̂ ln P̂ / ln K"},
    {"features/frequency", "strongest frequency of the embedding", "argmax_k P_k"},
    {"features/collapse", "softmax collapse",
     "share of training pairs where fl32(Σ_c exp(z_c − z_y)) = 1: no gradient"},
    {"features/margin-train", "margin on training pairs", "mean z_y − max_{c≠y} z_c"},
    {"features/margin-validation", "margin on test pairs", "mean z_y − max_{c≠y} z_c"},
    {"features/logit-size", "size of the logits", "mean |z|"},
    {"features/logit-deviation", "deviation of the logits",
     "standard deviation of z over classes, mean over places"},
    {"features/kernel-drift", "drift of the tangent kernel", "|K_t − K₀|_F / |K₀|_F"},
    {"features/pairwise-cosine", "cosine between last states",
     "mean cos(h_i, h_j) over sequences; 1: all collapsed to one"},
    {"context/accuracy", "accuracy", "share of right answers at this place of the sequence"},
    {"context/loss", "loss", "cross entropy at this place of the sequence"},
    {"context/rule-score", "rule known from the state",
     "accuracy of a linear probe for the rule, at the last item"},
    {"context/rule-score-by-position", "rule known from the last layer's state",
     "accuracy of a linear probe for the rule, by place in the sequence"},
    {"component/weights-score", "weights-component score",
     "accuracy of a linear probe for the item's factors on w_l: attention's output replaced by its "
     "normalised "
     "input"},
    {"component/weights-score-self", "the same, attention to oneself only",
     "attention weights = 1 on the diagonal"},
    {"component/weights-score-none", "the same, attention left out", "attention's output = 0"},
    {"component/item-score", "factors known from the item", "the same probe on the input vector"},
    {"component/answers-weights", "answers of the weights component alone", "accuracy of readout(norm(w_L))"},
    {"component/answers-context", "answers of the context component alone", "accuracy of readout(norm(c_L))"},
    {"head/previous-token", "attention to the previous token",
     "mean a_{i,i−1} (of pairs: from a label to its item)"},
    {"head/induction", "induction score",
     "attention to what followed earlier occurrences of the same (of pairs: to labels of items that agree in "
     "the rule's factor), over what uniform attention would give"},
    {"head/right-label", "attention to the right label", "Σ a_ij over tokens j that hold the answer"},
    {"reference/unigram-distance", "distance to the unigram predictor", "mean KL(unigram posterior ‖ model)"},
    {"reference/bigram-distance", "distance to the bigram predictor", "mean KL(bigram posterior ‖ model)"},
    {"saturation/entropy", "normalised row entropy", "H(a)/ln N,  H = −Σ_j a_j ln a_j"},
    {"saturation/max-probability", "largest probability of a row", "max_j a_j"},
    {"saturation/share-below-1e-3", "share of probabilities below 1e-3", "P(a_ij < 10⁻³)"},
    {"saturation/share-below-1e-7", "share of probabilities below 1e-7", "P(a_ij < 10⁻⁷)"},
    {"saturation/jacobian-norm", "norm of the softmax Jacobian",
     "|diag(a) − a aᵀ|_F = √(S₂ − 2S₃ + S₂²),  S_k = Σ a_j^k"},
    {"saturation/laser-zeros", "LASER: sums that are 0 before the logarithm", "P(Σ_j a_j exp(v_j − m) = 0)"},
    {"saturation/laser-not-finite", "LASER: outputs that are not finite", ""},
    {"values/spread", "spread of the values", "sd_j(v_jc) over the tokens j that a row sees, mean over c"},
    {"values/gradient-ratio", "LASER's gradient over the plain one",
     "r = mean |p − a| / mean |a (v − o)|,  p_jc = softmax_j(ln a_j + v_jc)"},
    {"values/smallest-sum", "LASER: smallest sum before the logarithm",
     "min Σ_j a_j exp(v_j − m); below 10⁻³⁸ it underflows"},
    {"curvature/smoothness", "directional smoothness",
     "S_t = vᵀ ∇²L(w_t) v,  v = (w_{t+1} − w_t) / |w_{t+1} − w_t|"},
    {"curvature/gradient-norm", "gradient norm on the evaluation samples", "|∇L(w_t)|"},
    {"curvature/largest", "largest entry of the Hessian's diagonal", "max_i |H_ii|"},
    {"curvature/median", "median entry of the Hessian's diagonal", "median_i |H_ii|"},
    {"curvature/median-live", "median entry of the Hessian's diagonal, without dead weights",
     "median of |H_ii| where H_ii ≠ 0"},
    {"curvature/condition", "robust condition number", "max_i |H_ii| / median_i |H_ii|"},
    {"curvature/condition-live", "robust condition number, without dead weights",
     "max_i |H_ii| / median of |H_ii| where H_ii ≠ 0"},
    {"curvature/coordinates", "weights whose curvature was measured", ""},
    {"curvature/dead", "dead weights among them", "H_ii = 0"},
    {"noise/skew", "skewness of the gradient noise", "E(e − ē)³ / sd³,  e = |g_k − g|"},
    {"noise/kurtosis", "excess kurtosis of the gradient noise", "E(e − ē)⁴ / sd⁴ − 3; 0 for a normal one"},
    {"noise/median", "median of the gradient noise", "median |g_k − g|"},
    {"noise/p99", "99th percentile of the gradient noise", "|g_k − g|"},
    {"linear/P-distance", "distance of P from c·I", "|P − (tr P / d) I|_F / |P|_F"},
    {"linear/Q-distance", "distance of Q from c·I", "|Q − (tr Q / d) I|_F / |Q|_F"},
    {"reference/gradient-descent", "loss of L steps of gradient descent",
     "w ← w − η Xᵀ(Xw − y) / n, η tuned, L = the model's depth"},
    {"reference/preconditioned-gradient-descent", "loss of L steps of preconditioned gradient descent",
     "x_i ← (I − γ XᵀX / n) x_i before each step (GD++), η and γ tuned"},
    {"gradient-mean", "mean absolute gradient", "mean |∂L/∂W|"},
    {"gradient", "gradient norm", "|∂L/∂W|₂"},
    {"weight", "weight norm", "|W|₂"},
    {"weight/total", "norm of all weights", "|θ|₂"},
    {"optimizer/update-norm", "norm of the update", "|θ_{t+1} − θ_t|₂, decay included"},
    {"optimizer/gradient-norm", "norm of the gradient", "|∂L/∂θ|₂"},
    {"optimizer/decay-share", "decay over the optimizer's part", "η λ |θ| / |Δθ + η λ θ|"},
    {"optimizer/scaling-cosine", "gradient along the weights", "cos(−∂L/∂θ, θ); near 1 only scales them up"},
    {"component/weights-norm", "norm of the weights component",
     "|w_l|: attention's output replaced by its normalised input"},
    {"component/context-norm", "norm of the context component", "|c_l|,  c_l = h_l − w_l"},
    {"component/cosine", "angle of the components", "cos(w_l, c_l)"},
    {"component/context-share", "share of the context component", "Var(c_l)/Var(h_l)"},
    {"optimizer/learning-rate", "learning rate", ""},
    {"attention/temperature", "temperature", "τ/√d_k"},
};

const MetricText* find_text(const std::string& metric) {
  const MetricText* best = nullptr;
  for (const auto& text : metric_texts) {
    const std::string prefix = text.prefix;
    const bool matches = metric == prefix || metric.starts_with(prefix + "/");
    if (matches && (!best || prefix.size() > std::string(best->prefix).size())) best = &text;
  }
  return best;
}

/// "layer2" -> "layer 2", "head3" -> "head 3", "W_Q" stays.
std::string part_title(const std::string& part) {
  for (const char* word : {"layer", "head", "position"})
    if (part.starts_with(word) && part.size() > std::string(word).size())
      return std::string(word) + " " + part.substr(std::string(word).size());
  return part == "mlp" ? "MLP" : part;
}

} // namespace

std::span<const ProbeInfo> probes() {
  static const std::vector<ProbeInfo> all{
      {"attention",
       "Attention maps",
       "probes.attention_every",
       "a_ij of each layer and head",
       "Maps of a few held-out samples, their mean over all probed samples, and the model's answers.",
       "Hoffmann et al. 2024, diagnostics",
       {"attention/maps", "attention/mean", "attention/predictions"}},
      {"saturation",
       "Softmax saturation",
       "probes.saturation_every",
       "H(a)/ln N, max a, P(a < 10⁻³), P(a < 10⁻⁷), |diag(a) − a aᵀ|_F, histogram of log₁₀ a",
       "How much of the gradient the softmax lets through: little when rows are uniform, none when they are "
       "one-hot. Of weights that are no probabilities: entropy of |a| / Σ |a|, sizes |a|. The Jacobian is "
       "that "
       "of a softmax with these weights. Where LASER reads: how often its sums underflow.",
       "Hoffmann et al. 2024; Duvvuri & Dhillon 2025",
       {"saturation/entropy/layer{l}/head{h}", "saturation/max-probability/layer{l}/head{h}",
        "saturation/share-below-1e-3/layer{l}/head{h}", "saturation/share-below-1e-7/layer{l}/head{h}",
        "saturation/jacobian-norm/layer{l}/head{h}", "saturation/histogram",
        "saturation/laser-zeros/layer{l}", "saturation/laser-not-finite/layer{l}"}},
      {"gradients",
       "Gradient norms",
       "probes.gradients_every",
       "|∂L/∂W|₂ and mean |∂L/∂W|",
       "Of W_Q, W_K, W_V, W_O and the MLP per layer, the embedding and the readout, for the latest batch. On "
       "the plateau "
       "W_Q and W_K get far less than W_V.",
       "Hoffmann et al. 2024, diagnostics",
       {"gradient/W_Q/layer{l}", "gradient/W_K/layer{l}", "gradient/W_V/layer{l}", "gradient/W_O/layer{l}",
        "gradient/mlp/layer{l}", "gradient/embedding", "gradient/readout", "gradient-mean/…"}},
      {"weights",
       "Weight norms",
       "probes.weights_every",
       "|W|₂",
       "Of the same groups as the gradient norms.",
       "Plateau",
       {"weight/W_Q/layer{l}", "weight/…"}},
      {"components",
       "Weights and context component",
       "probes.components_every",
       "c_l = h_l − w_l,  w: x ← x + LN₁(x); x ← x + MLP(LN₂(x))",
       "What a token's state owes to the weights alone, and what attention adds.",
       "Fu et al. 2024 (Learning plateaus of in-context learning)",
       {"component/weights-norm/layer{l}", "component/context-norm/layer{l}", "component/cosine/layer{l}",
        "component/context-share/layer{l}"}},
      {"values",
       "Values that heads read",
       "probes.values_every",
       "r = mean |p − a| / mean |a (v − o)|,  p_jc = softmax_j(ln a_j + v_jc)",
       "How far the values lie apart that a head's tokens offer, and the gradient that LASER would pass to "
       "the "
       "scores against that of the plain read. Near 1 LASER cannot differ. Where LASER reads: how near its "
       "sums "
       "come to underflow.",
       "Duvvuri & Dhillon 2025 (LASER)",
       {"values/spread/layer{l}/head{h}", "values/gradient-ratio/layer{l}/head{h}",
        "values/smallest-sum/layer{l}"}},
      {"smoothness",
       "Directional smoothness",
       "probes.smoothness_every",
       "S_t = vᵀ ∇²L(w_t) v,  v = (w_{t+1} − w_t) / |w_{t+1} − w_t|",
       "The loss's curvature along the step just taken, on fixed evaluation samples: the smaller, the "
       "further "
       "one can go. Below 0 the loss bends downwards along the step. (L₀, L₁)-smoothness says that it grows "
       "with the gradient's norm.",
       "Ahn et al. 2024; Zhang et al. 2020",
       {"curvature/smoothness", "curvature/gradient-norm"}},
      {"curvature",
       "Robust condition number",
       "probes.curvature_every",
       "max_i |H_ii| / median_i |H_ii|",
       "How unlike the curvatures of single weights are: one learning rate for all fits the worse, the "
       "larger it "
       "is. On fixed evaluation samples, over all weights or a sample of them.",
       "Jiang et al. 2022; Ahn et al. 2024",
       {"curvature/largest", "curvature/median", "curvature/median-live", "curvature/condition",
        "curvature/condition-live", "curvature/coordinates", "curvature/dead"}},
      {"noise",
       "Gradient noise",
       "probes.noise_every",
       "|g_k − g|₂,  g over 100 batches",
       "How far the gradients of single batches lie from the mean gradient, against a normal distribution "
       "with "
       "the same mean and deviation. Heavy tails have skew and kurtosis far above 0, and quantiles that "
       "leave "
       "the diagonal upwards.",
       "Ahn et al. 2024; Kunstner et al. 2023",
       {"noise/skew", "noise/kurtosis", "noise/median", "noise/p99", "noise/errors"}},
      {"linear",
       "P and Q of a linear transformer",
       "probes.weights_every",
       "|M − (tr M / d) I|_F / |M|_F",
       "Each layer's value matrix P and key-query matrix Q. Where both are multiples of the unit matrix, a "
       "layer "
       "is one step of gradient descent on the prompt's regression problem.",
       "Ahn et al. 2024; von Oswald et al. 2023",
       {"linear/P-distance/layer{l}", "linear/Q-distance/layer{l}", "linear/matrices"}},
      {"features",
       "Features of modular arithmetic",
       "probes.features_every",
       "ER = exp(−Σ p_i ln p_i);  C_F = Var_k(m_k) / mean (F_dk − m_k)²",
       "What a model has found: how attention mixes the operands, whether the MLP relies on the length of "
       "its input, how compressible the features are, which frequencies the embedding holds and what the "
       "logits owe to them.",
       "Singh et al. 2026; Nanda et al. 2023; Prieto et al. 2025",
       {"features/entropy",
        "features/entropy-per-head",
        "loss/shortcut",
        "loss/restricted",
        "loss/excluded",
        "features/effective-rank",
        "features/rank",
        "features/stable-rank",
        "features/tail-exponent",
        "features/fourier-concentration",
        "features/fourier-top5",
        "features/fourier-participation",
        "features/fourier-entropy",
        "features/frequency",
        "features/collapse",
        "features/margin-train",
        "features/margin-validation",
        "features/logit-size",
        "features/spectrum",
        "features/embedding-spectrum",
        "features/circle",
        "features/correct-logit",
        "features/diagonal",
        "features/attention"}},
      {"kernel",
       "Drift of the tangent kernel",
       "probes.kernel_every",
       "|K_t − K₀|_F / |K₀|_F,  K = G Gᵀ",
       "How far the gradients of the summed logits have turned and grown since the start. A lazy model keeps "
       "its kernel.",
       "Singh et al. 2026; Kumar et al. 2024",
       {"features/kernel-drift"}},
      {"update",
       "Updates",
       "probes.gradients_every",
       "|Δθ|,  η λ |θ| / |Δθ + η λ θ|,  cos(−g, θ)",
       "How long the steps are, how much of them is weight decay, and whether the gradient does more than "
       "scale the weights up.",
       "Singh et al. 2026; Prieto et al. 2025",
       {"optimizer/update-norm", "optimizer/gradient-norm", "optimizer/decay-share",
        "optimizer/scaling-cosine", "weight/total"}},
      {"in-context",
       "Context and weights",
       "probes.in_context_every",
       "ridge regression on w_l(x) and h_l(x)",
       "What a model reads from the sequence and what it knows by heart: accuracy with fixed, known and "
       "fresh "
       "mappings, what a linear probe finds of the item in the weights component and of the rule in the "
       "state, what each component alone would answer, and what single heads look for.",
       "Fu et al. 2024; Olsson et al. 2022; Reddy 2024",
       {"accuracy/fixed-mapping",
        "accuracy/in-context",
        "accuracy/in-weights",
        "accuracy/swapped-labels",
        "loss/attributes",
        "loss/rule",
        "component/weights-score/layer{l}",
        "component/weights-score-self/layer{l}",
        "component/weights-score-none/layer{l}",
        "component/item-score",
        "component/answers-weights",
        "component/answers-context",
        "context/rule-score/layer{l}",
        "context/rule-score-by-position/position{i}",
        "head/previous-token/layer{l}/head{h}",
        "head/induction/layer{l}/head{h}",
        "head/right-label/layer{l}/head{h}",
        "features/effective-rank",
        "features/stable-rank",
        "features/pairwise-cosine",
        "features/logit-deviation"}},
      {"text",
       "Writing",
       "probes.text_every",
       "x_{t+1} ~ softmax(z_t / temperature)",
       "What a language model goes on with after a prompt, always with the same random numbers.",
       "Plateau",
       {"text/samples", "text/prompt", "loss/bits-per-character"}},
  };
  return all;
}

std::string metric_title(const std::string& metric) {
  const MetricText* text = find_text(metric);
  if (!text) return metric;
  std::string title = text->title, rest = metric.substr(std::string(text->prefix).size());
  for (std::size_t begin = 0; begin < rest.size();) { // rest = "/layer1/head2"
    const auto end = std::min(rest.find('/', begin + 1), rest.size());
    title += ", " + part_title(rest.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  return title;
}

std::string metric_formula(const std::string& metric) {
  const MetricText* text = find_text(metric);
  return text ? text->formula : "";
}

} // namespace plateau::probes
