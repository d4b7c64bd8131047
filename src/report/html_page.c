/* What the HTML pages share (a run's report, the index of all nights): the style, the frame, and the
 * escaping. One file a page, no scripts and nothing loaded from elsewhere: it can be mailed, archived and
 * opened without a network. */
#include "report_impl.h"

const char report_style[] =
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#dfe3e8;--head:#f0f2f5;"
    "--ok:#1a7f4b;--okbg:#e3f4ea;--warn:#8a5a00;--warnbg:#fdf1d6;--bad:#b3261e;--badbg:#fce8e6;--accent:#2f5f9e;--low:#4a6785}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e4e8ee;--soft:#9aa6b5;--line:#2d3643;"
    "--head:#212936;--ok:#5fd196;--okbg:#14301f;--warn:#f0bc57;--warnbg:#33270d;--bad:#ff8f85;--badbg:#3a1b19;"
    "--accent:#86b4f2;--low:#9bb7d4}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Noto Sans\",\"Liberation Sans\",sans-serif;-webkit-text-size-adjust:100%}\n"
    "main,header>div,footer{max-width:1240px;margin:0 auto;padding:0 24px}\n"
    "header{border-bottom:1px solid var(--line);border-top:6px solid var(--soft);padding:22px 0 18px;background:var(--card)}\n"
    "header.ok{border-top-color:var(--ok)}header.warn{border-top-color:var(--warn)}header.bad{border-top-color:var(--bad)}\n"
    "h1{font-size:15px;font-weight:600;color:var(--soft);margin:0 0 6px}\n"
    "h2{font-size:19px;margin:34px 0 10px;line-height:1.3}\n"
    "h3{font-size:15px;margin:18px 0 6px}\n"
    ".verdict{font-size:24px;line-height:1.3;font-weight:650;margin:0 0 12px;overflow-wrap:anywhere}\n"
    ".verdict b{display:inline-block}.verdict b::first-letter{text-transform:uppercase}\n"
    ".ok .verdict b{color:var(--ok)}.warn .verdict b{color:var(--warn)}.bad .verdict b{color:var(--bad)}\n"
    "dl.facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin:0}dl.facts div{min-width:0}\n"
    "dl.facts dt{font-size:12px;color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}\n"
    ".tiles{display:flex;flex-wrap:wrap;align-items:stretch;gap:8px;margin:8px 0 0}\n"
    ".tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 16px;min-width:104px;flex:1 1 104px}\n"
    ".tile b{display:block;font-size:26px;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}\n"
    ".tile span{color:var(--soft);font-size:13px}.tile.ok b{color:var(--ok)}.tile.warn b{color:var(--warn)}.tile.bad b{color:var(--bad)}\n"
    ".sign{align-self:center;color:var(--soft);font-size:20px;flex:0 0 auto}\n"
    ".box{border:1px solid var(--line);border-left:5px solid var(--soft);border-radius:6px;background:var(--card);padding:10px 18px;margin:12px 0}\n"
    ".box.ok{border-left-color:var(--ok);background:var(--okbg)}.box.warn{border-left-color:var(--warn);background:var(--warnbg)}"
    ".box.bad{border-left-color:var(--bad);background:var(--badbg)}\n"
    ".box h2,.box h3{margin:2px 0 6px}.box p{margin:4px 0;overflow-wrap:anywhere}.box ul{margin:6px 0;padding-left:22px}\n"
    ".bar{height:12px;border-radius:6px;background:var(--line);overflow:hidden;margin:4px 0 2px}\n"
    ".bar i{display:block;height:100%;background:var(--ok)}.bar.warn i{background:var(--warn)}\n"
    ".cover{display:flex;flex-wrap:wrap;gap:14px 40px}.cover>div{flex:1 1 280px;min-width:0}\n"
    ".cover p{margin:0;display:flex;justify-content:space-between;gap:12px}\n"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;background:var(--card);margin:10px 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:14px}\n"
    "caption{text-align:left;color:var(--soft);font-size:13px;padding:8px 12px}\n"
    "th,td{text-align:left;vertical-align:top;padding:7px 12px;border-top:1px solid var(--line);overflow-wrap:break-word;"
    "unicode-bidi:isolate}\n"
    "thead th{background:var(--head);font-size:12.5px;color:var(--soft);font-weight:600;white-space:nowrap}\n"
    "tbody th{font-weight:600}tbody th.w,tbody th small{font-weight:400}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".w,.m,.s{overflow-wrap:anywhere}.w{min-width:14em}.m{min-width:6.5em}.s{min-width:6.5em;max-width:16em}.k{white-space:nowrap}small{color:var(--soft);font-size:12.5px}\n"
    ".id{white-space:nowrap;overflow-wrap:normal}\n"
    ".tag{display:inline-block;border-radius:4px;padding:0 7px;font-size:12.5px;font-weight:600;background:var(--head);"
    "color:var(--low);white-space:nowrap}\n"
    ".tag.high,.tag.failed,.tag.bad{background:var(--badbg);color:var(--bad)}\n"
    ".tag.medium,.tag.parked,.tag.warn{background:var(--warnbg);color:var(--warn)}.tag.done,.tag.ok{background:var(--okbg);color:var(--ok)}\n"
    "code{font:13px/1.45 ui-monospace,\"DejaVu Sans Mono\",\"Liberation Mono\",monospace;overflow-wrap:anywhere}\n"
    "ol.next{padding-left:24px;margin:8px 0}ol.next li{margin:0 0 8px}ol.next code{display:block;background:var(--head);"
    "border-radius:5px;padding:4px 10px;margin:3px 0;width:fit-content;max-width:100%}\n"
    "details{margin:10px 0}summary{cursor:pointer;color:var(--accent)}a{color:var(--accent)}\n"
    "footer{color:var(--soft);font-size:13px;padding-top:26px;padding-bottom:40px}\n"
    "svg text{fill:var(--soft);font:11px system-ui,sans-serif}.scroll svg{width:100%;min-width:640px;height:auto;display:block;padding:6px 10px}\n"
    "@media screen and (max-width:1160px){.wide{display:block}.wide caption{display:block}"
    ".wide thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    ".wide tbody{display:block;width:auto;min-width:0;max-width:none}"
    ".wide tbody tr{display:block;border-top:1px solid var(--line);padding:8px 0}"
    ".wide tbody :is(td,th){display:flow-root;border:0;padding:2px 12px 2px 142px;text-align:left;white-space:normal;min-width:0;max-width:none}"
    ".wide tbody :is(td,th)::before{float:left;width:122px;margin-left:-130px;color:var(--soft);font-size:12.5px;font-weight:400}"
    ".wide tbody :is(td,th):empty{display:none}"
    "}\n"
    "@media screen and (max-width:640px){.slim{display:block}.slim caption{display:block}"
    ".slim thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    ".slim tbody{display:block;width:auto;min-width:0;max-width:none}"
    ".slim tbody tr{display:block;border-top:1px solid var(--line);padding:8px 0}"
    ".slim tbody :is(td,th){display:flow-root;border:0;padding:2px 12px 2px 142px;text-align:left;white-space:normal;min-width:0;max-width:none}"
    ".slim tbody :is(td,th)::before{float:left;width:122px;margin-left:-130px;color:var(--soft);font-size:12.5px;font-weight:400}"
    ".slim tbody :is(td,th):empty{display:none}"
    "}\n"
    "tbody :is(td,th):nth-child(1){--label:var(--c1)}"
    "tbody :is(td,th):nth-child(2){--label:var(--c2)}"
    "tbody :is(td,th):nth-child(3){--label:var(--c3)}"
    "tbody :is(td,th):nth-child(4){--label:var(--c4)}"
    "tbody :is(td,th):nth-child(5){--label:var(--c5)}"
    "tbody :is(td,th):nth-child(6){--label:var(--c6)}"
    "tbody :is(td,th):nth-child(7){--label:var(--c7)}"
    "tbody :is(td,th):nth-child(8){--label:var(--c8)}"
    "tbody :is(td,th):nth-child(9){--label:var(--c9)}"
    "@media screen and (max-width:1160px){.wide tbody :is(td,th)::before{content:var(--label)}}"
    "@media screen and (max-width:640px){.slim tbody :is(td,th)::before{content:var(--label)}}\n"
    "@media (max-width:640px){main,header>div,footer{padding-left:14px;padding-right:14px}.verdict{font-size:20px}"
    ".sign{display:none}.tile{flex-basis:40%}th,td{padding:6px 8px}}\n"
    "@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--head:#eee;--ok:#0b6b3a;"
    "--okbg:#fff;--warn:#7a4d00;--warnbg:#fff;--bad:#9c1c15;--badbg:#fff;--accent:#000;--low:#222}"
    "body{font-size:10.5pt}table{font-size:8.5pt}.scroll{overflow:visible;border:0}.w,.m,.s{min-width:0}tr,.tile,.box{break-inside:avoid}"
    "thead{display:table-header-group}h2{break-after:avoid}.bar,.bar i,.tag{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "main,header>div,footer{max-width:none;padding:0}}\n";

void html_add(struct strbuf *out, const char *text)
{
	struct strbuf scratch = {0};

	for (const char *p = report_clean(&scratch, text, CLEAN_LINE); *p; p++) {
		switch (*p) {
		case '&':
			strbuf_adds(out, "&amp;");
			break;
		case '<':
			strbuf_adds(out, "&lt;");
			break;
		case '>':
			strbuf_adds(out, "&gt;");
			break;
		case '"':
			strbuf_adds(out, "&quot;");
			break;
		case '\'':
			strbuf_adds(out, "&#39;");
			break;
		default:
			strbuf_addc(out, *p);
		}
	}
	strbuf_free(&scratch);
}

void html_begin(struct strbuf *out, const char *title)
{
	/* The policy makes sure that nothing runs or loads even if an escape were forgotten. */
	strbuf_adds(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_add(out, title);
	strbuf_adds(out, "</title>\n<style>\n");
	strbuf_adds(out, report_style);
	strbuf_adds(out, "</style>\n</head>\n<body>\n");
}

void html_end(struct strbuf *out)
{
	strbuf_adds(out, "</body>\n</html>\n");
}

const char *html_verdict_class(int exit_status)
{
	return exit_status == 0 ? "ok" : exit_status == 1 ? "warn" : "bad";
}

const char *html_verdict_word(int exit_status)
{
	switch (exit_status) {
	case 0:
		return "all good";
	case 1:
		return "a person must look";
	case 2:
		return "not started";
	case 4:
		return "locked";
	case 5:
		return "safety stop";
	case 130:
	case 143:
		return "interrupted";
	default:
		return "could not finish";
	}
}

void html_add_time(struct strbuf *out, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	if (ms == 0) {
		strbuf_adds(out, "not known");
		return;
	}
	time_text(ms, text);
	strbuf_addf(out, "<time datetime=\"%s\">%.10s %.5s UTC</time>", text, text, text + 11);
}
