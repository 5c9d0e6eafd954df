// Server: the running gateway. Opens the listeners, starts one event loop per core, watches the world (signals, the
// config file, keys, health of local servers), reloads by swapping a whole Deployment, and drains on SIGTERM. Made and
// run on the main thread; at start-up it may throw or return an error, later it only logs.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admission/keys.h"
#include "answers/answer_cache.h"
#include "conversations/conversation_keeper.h"
#include "core/result.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "lessons/lesson_keeper.h"
#include "pipeline/parse_gate.h"
#include "server/folder_watch.h"
#include "server/gateway_api.h"
#include "server/session_host.h"
#include "telemetry/log.h"
#include "trials/trial_keeper.h"

namespace weir {

// Something that changes when the file's content does; "" where there is none.
[[nodiscard]] std::string file_signature(const std::string& file);

struct ServerOptions {
  std::shared_ptr<Snapshot> snapshot;
  // Makes a new Snapshot from the config file; its error is one text for people. Empty: nothing to reload.
  std::function<Result<std::shared_ptr<Snapshot>>()> reload;
  std::string config_file;       // watched for changes; "" = none
  std::string config_signature;  // of that file before it was read: a change since then is taken up too
  std::string data_folder;
  Logger log;
  // Told once, when connections are taken: the real addresses.
  std::function<void(const std::vector<std::string>& addresses)> on_listening;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until SIGTERM or SIGINT and the end of the drain. Errors: what kept it from starting.
  Status run();

 private:
  struct Loop;

  Status open_data();
  Status open_listeners();
  Status listen_on(const std::string& address, Door::Serves serves, std::vector<std::string>& shown);
  // Takes up the certificate that is in the files now; while one is served that cannot be renewed, it stays.
  Status load_certificate(const ServerSettings& settings);
  void start_loops();
  void deploy(std::shared_ptr<Snapshot> snapshot);
  void watch();
  void reload(std::string_view why);
  // Has the ledger forget what rows of the audit say whose time is over.
  void expire_audit();
  void drain();
  [[nodiscard]] int64_t session_count() const;
  [[nodiscard]] int64_t connection_limit(const Limits& limits) const;
  // Of all loops' connections that wait for a request, the one that has waited longest. For `loop`'s thread; false when
  // none waits.
  bool close_oldest_idle(Loop& loop);

  ServerOptions options_;
  Metrics metrics_;
  ProcessState process_;
  KeyRing keys_;
  std::unique_ptr<Store> key_store_;
  std::unique_ptr<Writer> ledger_;
  Dialer dialer_;
  ParseGate gate_;
  std::deque<Door> doors_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<AnswerCache> answers_;               // as the next
  std::unique_ptr<TrialKeeper> trials_;                // as the next
  std::unique_ptr<ConversationKeeper> conversations_;  // ends before the loops, to which it gives its answers
  std::unique_ptr<LessonKeeper> lessons_;              // the same
  std::shared_ptr<const Deployment> deployment_;
  uint64_t version_ = 1;
  bool beyond_loopback_ = false;
  std::unique_ptr<FolderWatch> folder_watch_;  // ends first
};

}  // namespace weir
