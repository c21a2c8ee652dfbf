"""Reports: one module per format. Each turns a :class:`behov_xl.findings.Report` into text."""
