"""What trains: Unsloth, or transformers with PEFT. Both load a backbone and put LoRA on it; the trainer is TRL's."""
