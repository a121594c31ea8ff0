using System.Globalization;

namespace Coffre.Benchmarks.Peers;

/// <summary>nginx as Debian has it: sendfile, and PUT by its WebDAV module with the defaults. No access log, as on our side.</summary>
internal sealed class Nginx : IDisposable
{
    private readonly Child _process;

    public Nginx(Workshop shop)
    {
        Port = Child.FreePort();
        Root = shop.Folder("nginx/www");
        var home = Path.GetDirectoryName(Root)!;
        var config = Path.Combine(home, "nginx.conf");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes auto;
            pid {{home}}/pid;
            error_log {{home}}/error.log;
            events { worker_connections 1024; }
            http {
                access_log off;
                sendfile on;
                tcp_nopush on;
                keepalive_requests 1000000000;
                client_max_body_size 0;
                client_body_temp_path {{home}}/body;
                proxy_temp_path {{home}}/proxy;
                fastcgi_temp_path {{home}}/fastcgi;
                uwsgi_temp_path {{home}}/uwsgi;
                scgi_temp_path {{home}}/scgi;
                server {
                    listen 127.0.0.1:{{Port}};
                    root {{Root}};
                    location /up/ { dav_methods PUT DELETE; create_full_put_path on; }
                }
            }
            """));
        _process = Child.Start("nginx", "-p", home, "-c", config, "-e", Path.Combine(home, "error.log"));
        Child.AwaitPort(Port);
    }

    public int Port { get; }

    /// <summary>What it serves.</summary>
    public string Root { get; }

    public double Cpu => _process.Cpu;

    public void Dispose() => _process.Dispose();
}
