/// How the page looks: light and dark, narrow and wide, nothing fetched.
enum PageStyle {
    static let text = """
        :root { --ink: #1c2128; --paper: #fff; --soft: #59636e; --rule: #d0d7de; --pale: #f3f5f8; --win: #1a7f4b;
          --loss: #c0362c; --open: #6e7781; --a: #2f6fd0; --b: #c05c0a; --c: #7a5bb5; --green: #3fa66a; --yellow: #e3b341;
          --orange: #e8711c; --red: #c0362c; color-scheme: light dark; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0f141a; --soft: #9aa5b1; --rule: #39424d;
          --pale: #19212b; --win: #56d08d; --loss: #ff8b80; --open: #9aa5b1; --a: #7db1ff; --b: #ffa657; --c: #c3a6ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem; max-width: 80rem; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; line-height: 1.3; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
        h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } p { max-width: 46rem; }
        .soft { color: var(--soft); } code { background: var(--pale); padding: .1em .3em; overflow-wrap: anywhere; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
        th:first-child, td:first-child, td.words { text-align: left; } th { font-weight: 600; }
        tr.group td { background: var(--pale); font-weight: 600; }
        .grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
        .plot { width: 100%; height: auto; display: block; } .plot.interval { width: 180px; }
        .plot.pareto, .plot.surface { max-width: 40rem; }
        .plot text { fill: currentColor; font: 12px system-ui, sans-serif; } .plot .small { font-size: 11px; fill: var(--soft); }
        .plot .end { text-anchor: end; } .plot .middle { text-anchor: middle; }
        .zero { stroke: var(--soft); } .rule { stroke: var(--rule); } .margin { fill: var(--pale); stroke: var(--rule); }
        .range { stroke-width: 2; } .range.win { stroke: var(--win); } .range.loss { stroke: var(--loss); }
        .range.open { stroke: var(--open); } .win { color: var(--win); } .loss { color: var(--loss); }
        .mark.win { fill: var(--win); } .mark.loss { fill: var(--loss); } .mark.open { fill: var(--open); }
        .curve { fill: none; stroke-width: 1.2; } .debt { stroke: var(--loss); } .exposure { stroke: var(--a); }
        .side-a { fill: var(--a); } .side-b { fill: var(--b); } .side-c { fill: var(--c); }
        .mode-GREEN { fill: var(--green); } .mode-YELLOW { fill: var(--yellow); } .mode-ORANGE { fill: var(--orange); }
        .way-same { fill: var(--rule); } .way-looser { fill: var(--b); } .way-tighter { fill: var(--a); }
        .way-mixed { fill: var(--c); } .key .same { background: var(--rule); } .key .looser { background: var(--b); }
        .key .tighter { background: var(--a); } .key .mixed { background: var(--c); }
        .mode-RED { fill: var(--red); } .mode-none { fill: var(--rule); } .share { fill: #111; opacity: .65; }
        .key span { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 .9em; vertical-align: -.1em; }
        .key .g { background: var(--green); } .key .y { background: var(--yellow); }
        .key .o { background: var(--orange); } .key .r { background: var(--red); }
        """
}
