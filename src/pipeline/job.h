// JobRun: one job at a server that does not answer at once (Job, formats/format.h), within one attempt: sends what the
// job says, waits as long as it says, asks again where a question was lost. Whoever stops waiting for a job that may
// still run hands it to `give_up`, which tells the server, and keeps the slot until that is done: a server that is told
// to stop by a word without a name must not be given the next job before. Loop thread only; shared by the request and
// by what outlives it, with the deployment that both need.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admission/slots.h"
#include "formats/format.h"
#include "formats/job_progress.h"
#include "pipeline/worker.h"
#include "upstream/exchange.h"

namespace weir {

// Who is told what a job makes before it is done.
class JobAudience {
 public:
  virtual ~JobAudience() = default;
  // An error: nobody listens any more.
  virtual net::Task<Status> tell(std::vector<StreamEvent> news) = 0;
};

class JobRun : public std::enable_shared_from_this<JobRun> {
 public:
  // `named`: the snapshot that the job's model is in, where that is not the deployment's (a wildcard's); null as a
  // rule.
  JobRun(Worker& worker, std::shared_ptr<const Deployment> deployment, uint32_t provider, std::unique_ptr<Job> job,
         std::shared_ptr<const Snapshot> named);

  // Until what came of it, or the error that ends it; that of a client that left is client_gone. `audience`: null where
  // nobody wants to know before; who is there was told all of the answer's content, and gets the rest.
  net::Task<Result<Response>> run(HttpRequest& first, const ExchangeWaits& waits, net::Cancellation& cancellation,
                                  JobAudience* audience);

  // Of the answer that came last; 0 = none came.
  [[nodiscard]] int status() const { return status_; }
  // The first request broke on a connection that had served another: its server may never have seen it.
  [[nodiscard]] bool was_stale() const { return stale_; }
  // It may still run, and there is or will be a word to stop it.
  [[nodiscard]] bool may_run() const { return !over_ && (beginning_ || !job_->cancel().empty()); }

  // Stops it, at best, and gives the slot back. Returns in seconds, or in a minute where the server has not even said
  // yet which job it is.
  static net::Task<void> give_up(std::shared_ptr<JobRun> run, SlotLease lease, int64_t used_us);

 private:
  net::Task<Result<Response>> work(HttpRequest& first, net::Cancellation& cancellation);
  net::Task<Result<HttpResponse>> begin(HttpRequest& first, net::Cancellation& cancellation);
  // With looks at how far it is meanwhile.
  net::Task<Result<HttpResponse>> begin_watched(HttpRequest& first, net::Cancellation& cancellation);
  static net::Task<void> begin_apart(std::shared_ptr<JobRun> run);
  net::Task<void> look(net::Cancellation& cancellation);
  // Until the job ends.
  static net::Task<void> listen_apart(std::shared_ptr<JobRun> run, HttpRequest ask);
  net::Task<Status> tell_news();
  [[nodiscard]] bool ended_at_once(const Result<HttpResponse>& answer) const;
  net::Task<Result<HttpResponse>> ask_until_answered(const HttpRequest& request, net::Cancellation& cancellation);
  net::Task<Result<HttpResponse>> ask(const HttpRequest& request, net::Cancellation* cancellation);
  net::Task<Status> pause(int64_t ms, net::Cancellation& cancellation);
  [[nodiscard]] const ProviderSettings& provider() const { return deployment_->snapshot->providers[provider_]; }
  [[nodiscard]] const Format& format() const { return *deployment_->formats[provider_]; }

  Worker& worker_;
  std::shared_ptr<const Deployment> deployment_;
  std::shared_ptr<const Snapshot> named_;  // kept for the job alone
  const uint32_t provider_;
  std::unique_ptr<Job> job_;
  ExchangeWaits waits_;
  HttpRequest first_;                                 // where it is asked apart from the request
  std::optional<Result<HttpResponse>> first_answer_;  // to that
  net::Signal* arrived_ = nullptr;                    // who waits for it
  net::Cancellation apart_;                           // of that
  net::Cancellation listening_;
  JobAudience* audience_ = nullptr;  // while `run` runs
  JobProgress* progress_ = nullptr;  // of the job, where there is an audience
  bool can_look_ = true;             // the server has answered such questions so far
  bool beginning_ = false;           // it is being asked apart
  bool over_ = false;                // nothing runs there
  bool connected_ = false;           // of the last exchange
  bool stale_ = false;
  int status_ = 0;
};

}  // namespace weir
