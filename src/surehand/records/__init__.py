"""Live records: what staff really wrote in the ECM system, brought in, screened and emptied."""
