"""The company's own flows: content, like its tables. What every table needs, the flows above do."""
