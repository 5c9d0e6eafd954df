"""What is compared: nginx (the floor: it only copies bytes), Weir with everything on, and the Portkey gateway."""
import os
import pathlib
import shutil
import subprocess
import sys

from processes import GATEWAY_CORE, Process, free_port, wait_until_answering

HERE = pathlib.Path(__file__).resolve().parent


class Gateway:
    name = ""
    headers = {}
    keys_file = None

    def __init__(self, folder, upstream_port):
        self.folder = folder / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.upstream_port = upstream_port
        self.port = free_port()
        self.process = None
        self.seconds_to_first_answer = None

    def load_arguments(self):
        arguments = []
        for name, value in self.headers.items():
            arguments += ["--header", f"{name}: {value}"]
        if self.keys_file:
            arguments += ["--keys", str(self.keys_file)]
        return arguments

    def stream_port(self):
        return self.port

    def command(self, threads):
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self, cores=GATEWAY_CORE, threads=1):
        self.process = Process(self.command(threads), cores, self.folder / "log.txt", self.environment())
        self.seconds_to_first_answer = wait_until_answering(self.process, self.port, self.ready_headers())
        return self

    def ready_headers(self):
        return self.headers

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None


class Direct(Gateway):
    """No gateway: what load generator and upstream cost by themselves."""
    name = "direct"

    def __init__(self, folder, upstream_port):
        super().__init__(folder, upstream_port)
        self.port = upstream_port


class Nginx(Gateway):
    """Streams go to a second port where buffering is off, as they must be; whole answers to the one with nginx's defaults."""
    name = "nginx"

    def __init__(self, folder, upstream_port):
        super().__init__(folder, upstream_port)
        self.unbuffered_port = free_port()

    def stream_port(self):
        return self.unbuffered_port

    def command(self, threads):
        location = "location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection \"\"; %s }"
        config = f"""
worker_processes {threads};
daemon off;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log error;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  client_body_temp_path {self.folder}/body;
  proxy_temp_path {self.folder}/proxy;
  fastcgi_temp_path {self.folder}/fastcgi;
  uwsgi_temp_path {self.folder}/uwsgi;
  scgi_temp_path {self.folder}/scgi;
  proxy_read_timeout 600s;
  upstream model {{ server 127.0.0.1:{self.upstream_port}; keepalive 2048; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{self.port} reuseport backlog=4096; {location % ""} }}
  server {{ listen 127.0.0.1:{self.unbuffered_port} reuseport backlog=4096; {location % "proxy_buffering off;"} }}
}}
"""
        (self.folder / "nginx.conf").write_text(config)
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


class Weir(Gateway):
    """Keys, guard, policy with rules, ledger, metrics and logs on, as a team would run it."""
    name = "weir"
    binary = None
    keys = 50

    def __init__(self, folder, upstream_port):
        super().__init__(folder, upstream_port)
        self.data = self.folder / "data"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        self.keys_file = self.folder / "keys.txt"
        self.config = self.folder / "weir.yaml"
        models = ["json", "sse-50-0", "sse-5-0", "sse-600-1000000", "cut-3", "error-500", "error-400"]
        self.config.write_text(f"""
providers:
  - {{id: box, kind: openai_compatible, url: "http://127.0.0.1:{upstream_port}/v1", zone: local, cost_per_hour: 2.5}}
models:
""" + "".join(f"  - {{id: up-{model}, provider: box, name: {model}}}\n" for model in models) + """
routes:
""" + "".join(f"""  - name: {model}
    baseline: up-json
    rules:
      - {{when: {{sensitive: [personal, health, secret]}}, zones: [local]}}
      - {{when: {{has_images: true}}, use: [up-json]}}
      - {{use: [up-{model}]}}
""" for model in models))
        made = []
        for number in range(self.keys):
            made.append(self.create_key(f"bench-{number}"))
        self.keys_file.write_text("\n".join(made) + "\n")
        self.first_key = made[0]

    def create_key(self, name):
        result = subprocess.run([self.binary, "keys", "create", "--name", name, "--data", str(self.data), "--json"],
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"weir keys create failed: {result.stderr or result.stdout}")
        import json
        return json.loads(result.stdout)["key"]

    def ready_headers(self):
        return {"Authorization": f"Bearer {self.first_key}"}

    def command(self, threads):
        return [self.binary, "serve", "--config", str(self.config), "--listen", f"127.0.0.1:{self.port}", "--data",
                str(self.data), "--threads", str(threads)]


class Portkey(Gateway):
    name = "portkey"
    script = HERE / "node_modules/@portkey-ai/gateway/build/start-server.js"

    def __init__(self, folder, upstream_port):
        super().__init__(folder, upstream_port)
        self.headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{upstream_port}/v1",
                        "Authorization": "Bearer bench"}

    @classmethod
    def install(cls):
        """From npm, as pinned in package-lock.json; False when that cannot be had."""
        if not cls.script.exists() and shutil.which("npm"):
            subprocess.run(["npm", "ci", "--prefix", str(HERE), "--no-progress", "--ignore-scripts"], check=False,
                           stdout=subprocess.DEVNULL)
        return cls.script.exists() and shutil.which("node") is not None

    def command(self, threads):
        return [shutil.which("node"), str(self.script), f"--port={self.port}", "--headless"]

    def environment(self):
        return {"NODE_ENV": "production"}
