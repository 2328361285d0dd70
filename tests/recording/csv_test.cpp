#include "engine/recording/csv.h"

#include <fstream>
#include <sstream>

#include "engine/study/fields.h"
#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;

using recording::Reader;
using recording::Writer;

namespace {

void record(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  auto named = member(0);
  named.name = "ViT, \"first\"";
  writer->add_member(named);
  for (const int step : {50, 100}) {
    writer->add_samples(sample(0, "loss/train", step, 0.1 * step));
    writer->add_samples(sample(0, "loss/validation", step, 1.0 / 3));
    writer->add_samples(sample(0, "accuracy/validation", step, 0.5));
  }
  writer->add_samples(sample(0, "loss/train", 150, std::nan("")));
  writer->add_samples(sample(0, "members", 50, 1)); // a metric that is called like a file of ours
  writer->add_member(member(1, 0, 100));
  writer->add_samples(sample(1, "loss/train", 150, 2.5));
  writer->add_event({training::Event::Kind::Note, 100, -1, "two\nlines"});
  study::Intervention change;
  change.step = 100;
  change.changes = {{"optimizer.learning_rate", 1e-4}, {"attention.variant", std::string("norm-softmax")}};
  writer->add_intervention(change);
}

void export_as_recorded(const fs::path& file, const fs::path& folder) {
  const Reader reader(file);
  recording::export_csv(reader, *reader.snapshot(), folder);
}

std::string content(const fs::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("curves and events are exported as CSV") {
  const Folder folder;
  record(folder / "run.plateau");
  const auto out = folder / "csv/deep";
  export_as_recorded(folder / "run.plateau", out);

  CHECK(content(out / "loss.csv") == "member,name,metric,step,value\n"
                                     "0,\"ViT, \"\"first\"\"\",loss/train,50,5\n"
                                     "0,\"ViT, \"\"first\"\"\",loss/train,100,10\n"
                                     "0,\"ViT, \"\"first\"\"\",loss/train,150,nan\n"
                                     "0,\"ViT, \"\"first\"\"\",loss/validation,50,0.3333333333333333\n"
                                     "0,\"ViT, \"\"first\"\"\",loss/validation,100,0.3333333333333333\n"
                                     "1,ViT 1,loss/train,50,5\n" // a fork's curve holds its parent's
                                     "1,ViT 1,loss/train,100,10\n"
                                     "1,ViT 1,loss/train,150,2.5\n"
                                     "1,ViT 1,loss/validation,50,0.3333333333333333\n"
                                     "1,ViT 1,loss/validation,100,0.3333333333333333\n");
  CHECK(content(out / "accuracy.csv").substr(0, 30) == "member,name,metric,step,value\n");
  CHECK(content(out / "members_metric.csv") ==
        "member,name,metric,step,value\n0,\"ViT, \"\"first\"\"\",members,50,1\n1,ViT 1,members,50,1\n");
  CHECK(content(out / "events.csv") == "step,kind,member,name,text\n100,note,,,\"two\nlines\"\n");
  CHECK_THAT(content(out / "interventions.csv"),
             ContainsSubstring(
                 "100,set,,optimizer.learning_rate = 1e-4; attention.variant = norm-softmax,false,0,,"));

  std::istringstream members(content(out / "members.csv"));
  std::string header, first, second;
  std::getline(members, header);
  std::getline(members, first);
  std::getline(members, second);
  CHECK_THAT(header, Catch::Matchers::StartsWith(
                         "member,name,recorded_name,seed,parent,forked_at,is_twin,parameters,"));
  for (const auto& field : study::fields()) CHECK_THAT(header, ContainsSubstring("," + field.name));
  CHECK_THAT(first, Catch::Matchers::StartsWith(
                        "0,\"ViT, \"\"first\"\"\",\"ViT, \"\"first\"\"\",10,,0,false,1000,"));
  CHECK_THAT(second, Catch::Matchers::StartsWith("1,ViT 1,ViT 1,11,0,100,false,1001,"));
}

TEST_CASE("the summary is exported with the curves, and a table is never written over another") {
  const Folder folder;
  record(folder / "run.plateau");
  export_as_recorded(folder / "run.plateau", folder / "csv");
  std::istringstream summary(content(folder / "csv/summary.csv"));
  std::string header, first, second, none;
  std::getline(summary, header);
  std::getline(summary, first);
  std::getline(summary, second);
  CHECK_THAT(header,
             Catch::Matchers::StartsWith("member,name,seed,parameters,final_loss,best_loss,accuracy,"));
  CHECK_THAT(first, Catch::Matchers::StartsWith(
                        "0,\"ViT, \"\"first\"\"\",10,1000,0.3333333333333333,0.3333333333333333,"));
  CHECK_THAT(second, Catch::Matchers::StartsWith("1,ViT 1,11,1001,"));
  CHECK_FALSE(std::getline(summary, none));

  const analysis::TextTable table{{"a", "b"}, {"1", "x, \"y\""}};
  recording::write_csv(table, folder / "table.csv");
  CHECK(content(folder / "table.csv") == "a,b\n1,\"x, \"\"y\"\"\"\n");
  CHECK_THAT(message<InputError>([&] { recording::write_csv(table, folder / "table.csv"); }),
             ContainsSubstring("exists already"));
}

TEST_CASE("tables hold the members that are shown, under their names") {
  const Folder folder;
  record(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  auto shown = *reader.snapshot();
  shown.members.erase(shown.members.begin());
  shown.members[0].name = "cold";
  recording::export_csv(reader, shown, folder / "csv");
  CHECK_THAT(content(folder / "csv/members.csv"),
             ContainsSubstring("\n1,cold,ViT 1,11,0,") && !ContainsSubstring("\"first\""));
  for (const char* name : {"loss.csv", "summary.csv"})
    CHECK_THAT(content(folder / "csv" / name),
               ContainsSubstring("\n1,cold,") && !ContainsSubstring("\"first\""));
}

TEST_CASE("an export never writes over another") {
  const Folder folder;
  record(folder / "run.plateau");
  fs::create_directory(folder / "csv");
  std::ofstream(folder / "csv/accuracy.csv") << "mine";
  CHECK(message<InputError>([&] { export_as_recorded(folder / "run.plateau", folder / "csv"); }) ==
        "'" + (folder / "csv/accuracy.csv").string() + "' exists already; choose another folder");
  CHECK(content(folder / "csv/accuracy.csv") == "mine");
  CHECK_FALSE(fs::exists(folder / "csv/loss.csv"));

  std::ofstream(folder / "file") << "x";
  CHECK_THAT(message<InputError>([&] { export_as_recorded(folder / "run.plateau", folder / "file"); }),
             ContainsSubstring("can not create the folder '" + (folder / "file").string() + "'"));
}
