"""The process that trains one run. Only modules in here, the engines and the export load torch."""
