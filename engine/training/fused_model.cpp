#include "engine/training/fused_model.h"

#include "engine/errors.h"

namespace plateau::training {
namespace {

fused::TransformerOffsets offsets(const models::TransformerShape& shape,
                                  const optim::ParameterBuffer& parameters) {
  return {shape, parameters.size(), [&](const std::string& name) {
            for (const auto& slice : parameters.slices())
              if (slice.name == name) return slice.begin;
            throw RunError("the model has no parameter '" + name + "'");
          }};
}

fused::TransformerInputs view(const torch::Tensor& inputs) {
  if (inputs.scalar_type() == torch::kInt64)
    return {nullptr, inputs.data_ptr<std::int64_t>(), inputs.size(0)};
  const float* data = inputs.data_ptr<float>();
  if (inputs.dim() == 3) return {nullptr, nullptr, inputs.size(0), data}; // pairs
  return {data, nullptr, inputs.size(0)};
}

models::TransformerShape reading_all(models::TransformerShape shape) {
  shape.read = models::TransformerShape::Read::All;
  return shape;
}

} // namespace

std::unique_ptr<FusedModel> FusedModel::make(const models::Model& model,
                                             const optim::ParameterBuffer& parameters,
                                             fused::Precision precision) {
  const auto* shape = model.transformer_shape();
  if (!shape || !parameters.values.device().is_cpu()) return nullptr;
  return std::unique_ptr<FusedModel>(new FusedModel(*shape, parameters, precision));
}

FusedModel::FusedModel(const models::TransformerShape& shape, const optim::ParameterBuffer& parameters,
                       fused::Precision precision)
    : shape_(shape), step_(shape, offsets(shape, parameters), precision),
      all_rows_(reading_all(shape), offsets(shape, parameters), fused::Precision::Float32) {}

bool FusedModel::can_attend(const attention::Variant& variant, const study::AttentionSettings& settings) {
  return fused::row_weights(variant.info.name, settings) && fused::value_read(settings);
}

fused::TransformerOptions FusedModel::prepare(const torch::Tensor& inputs,
                                              const models::ForwardOptions& options) {
  fused::TransformerOptions result;
  result.weights = fused::row_weights(options.variant->info.name, *options.attention).value();
  result.read = fused::value_read(*options.attention).value();
  result.temperature = options.temperature;
  if (shape_.drop_path > 0 && options.training) {
    // The same numbers in the same order as the LibTorch module draws them.
    branch_scales_ = torch::ones({2 * shape_.depth, inputs.size(0)});
    const std::int64_t step = shape_.hidden > 0 ? 1 : 2; // without MLPs only attention's branches
    for (std::int64_t branch = 0; branch < 2 * shape_.depth; branch += step)
      if (const double rate = shape_.drop_rate(branch / 2); rate > 0)
        branch_scales_[branch].copy_(
            torch::empty({inputs.size(0), 1, 1}).bernoulli_(1 - rate, *options.generator).flatten() /
            (1 - rate));
    result.branch_scales = branch_scales_.data_ptr<float>();
  }
  return result;
}

FusedModel::Result FusedModel::gradient(const torch::Tensor& inputs, const Targets& targets,
                                        const fused::Loss& loss, const models::ForwardOptions& options,
                                        optim::ParameterBuffer& parameters, parallel::WorkerPool& pool) {
  const torch::NoGradGuard no_grad;
  const auto contiguous = inputs.contiguous();
  const auto prepared = prepare(contiguous, options);
  const auto laid_out = [](const torch::Tensor& t) { return t.defined() ? t.contiguous() : t; };
  const auto labels = targets.labels.contiguous();
  const auto extra = laid_out(targets.extra), offsets = laid_out(targets.offsets);
  const fused::LossTargets plain{labels.data_ptr<std::int64_t>(),
                                 extra.defined() ? extra.data_ptr<std::int64_t>() : nullptr,
                                 offsets.defined() ? offsets.data_ptr<float>() : nullptr};
  const auto result = step_.gradient(parameters.values.data_ptr<float>(), view(contiguous), loss, plain,
                                     prepared, pool, parameters.gradients.data_ptr<float>());
  return {result.loss, result.accuracy, result.forward_share};
}

FusedModel::Result FusedModel::gradient(const torch::Tensor& inputs, const torch::Tensor& labels,
                                        double smoothing, const models::ForwardOptions& options,
                                        optim::ParameterBuffer& parameters, parallel::WorkerPool& pool) {
  fused::Loss loss;
  loss.smoothing = smoothing;
  return gradient(inputs, Targets{labels, {}, {}}, loss, options, parameters, pool);
}

torch::Tensor FusedModel::logits(const torch::Tensor& inputs, const models::ForwardOptions& options,
                                 const optim::ParameterBuffer& parameters, parallel::WorkerPool& pool) {
  const torch::NoGradGuard no_grad;
  const auto contiguous = inputs.contiguous();
  const auto prepared = prepare(contiguous, options);
  const bool all = shape_.read == models::TransformerShape::Read::All;
  auto logits = all ? torch::empty({inputs.size(0), shape_.positions, shape_.classes})
                    : torch::empty({inputs.size(0), shape_.classes});
  step_.logits(parameters.values.data_ptr<float>(), view(contiguous), prepared, pool,
               logits.data_ptr<float>());
  return logits;
}

torch::Tensor FusedModel::probe(const torch::Tensor& inputs, const models::ForwardOptions& options,
                                const optim::ParameterBuffer& parameters, parallel::WorkerPool& pool) {
  const torch::NoGradGuard no_grad;
  const auto contiguous = inputs.contiguous();
  const auto prepared = prepare(contiguous, options);
  const auto batch = inputs.size(0), tokens = shape_.positions;
  fused::TransformerRecord record;
  record.identity_mixing = options.mixing == models::Mixing::Identity;
  for (std::int64_t layer = 0; layer < shape_.depth; ++layer) {
    options.record->hidden.push_back(torch::empty({batch, tokens, shape_.width}));
    record.hidden.push_back(options.record->hidden.back().data_ptr<float>());
    if (record.identity_mixing) continue;
    options.record->attention.push_back(torch::empty({batch, shape_.heads, tokens, tokens}));
    record.attention.push_back(options.record->attention.back().data_ptr<float>());
  }
  auto features = torch::empty({batch, tokens, shape_.width});
  record.features = features.data_ptr<float>();
  const auto lanes = fused::lane_count(batch, tokens);
  std::vector<std::vector<attention::ReadCounts>> counts; // per layer, per lane
  if (options.attention->laser != "off" && !record.identity_mixing) {
    counts.assign(std::size_t(shape_.depth), std::vector<attention::ReadCounts>(std::size_t(lanes)));
    for (auto& layer : counts) record.reads.push_back(layer.data());
  }
  auto logits = torch::empty({batch, tokens, shape_.classes});
  all_rows_.logits(parameters.values.data_ptr<float>(), view(contiguous), prepared, pool,
                   logits.data_ptr<float>(), record);
  for (const auto& layer : counts) {
    auto& all = options.record->reads.emplace_back();
    for (const auto& lane : layer) {
      all.zeros += lane.zeros;
      all.non_finite += lane.non_finite;
      all.entries += lane.entries;
    }
  }
  using Read = models::TransformerShape::Read;
  const auto read = [&](const torch::Tensor& rows) {
    return shape_.read == Read::All
               ? rows
               : rows.select(1, shape_.read == Read::First ? 0 : tokens - 1).contiguous();
  };
  options.record->features = read(features);
  return read(logits);
}

} // namespace plateau::training
